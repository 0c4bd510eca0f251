// Standard CRM fields, one line each: `name[=CLASSIC_NAME] type[:dictionary] flags title`. Flags: R required, O read-only,
// I immutable after creation, M multiple, `-` none. The classic name stands only where it is not the derived one.
// Bitrix24 docs: crm/universal/object-fields and the crm.{entity}.fields pages.
import type { EntityName } from './entities.ts';

const DEAL = `
id integer O ID
title string - Название
assignedById user - Ответственный
createdBy=CREATED_BY_ID user O Кем создана
createdTime=DATE_CREATE datetime O Дата создания
lastActivityBy user O Автор последней активности
lastActivityTime datetime O Последняя активность
opened boolean - Доступна для всех
updatedBy=MODIFY_BY_ID user O Кем изменена
updatedTime=DATE_MODIFY datetime O Дата изменения
utmCampaign string - Обозначение рекламной кампании
utmContent string - Содержание кампании
utmMedium string - Тип трафика
utmSource string - Рекламная система
utmTerm string - Условие поиска кампании
webformId integer - Создано CRM-формой
leadId crm_lead O Лид
companyId crm_company - Компания
contactId crm_contact - Контакт
quoteId crm_quote O Предложение
categoryId crm_category I Воронка
stageId crm_status:DEAL_STAGE - Стадия сделки
stageSemanticId string O Группа стадии
isNew boolean O Новая сделка
isRecurring boolean - Регулярная сделка
isReturnCustomer boolean - Повторная сделка
isRepeatedApproach boolean - Повторное обращение
closed boolean - Закрыта
typeId crm_status:DEAL_TYPE - Тип
opportunity double - Сумма
isManualOpportunity boolean - Режим расчёта суммы
taxValue double - Ставка налога
currencyId crm_currency - Валюта
probability integer - Вероятность
comments text - Комментарий
begindate date - Дата начала
closedate date - Дата завершения
eventDate datetime - Дата события
eventId crm_status - Тип события
eventDescription text - Описание события
locationId location - Местоположение
sourceId crm_status:SOURCE - Источник
sourceDescription text - Дополнительно об источнике
originatorId string - Внешний источник
originId string - Идентификатор элемента во внешнем источнике
additionalInfo string - Дополнительная информация
searchContent text O Служебное: поиск
orderStage string O Состояние оплаты
movedBy=MOVED_BY_ID user O Кем изменена стадия
movedTime datetime O Дата изменения стадии
observers user M Наблюдатели
contactIds crm_contact M Контакты
`;

const CONTACT = `
id integer O ID
name string R Имя
secondName string R Отчество
lastName string R Фамилия
assignedById user - Ответственный
createdBy=CREATED_BY_ID user O Кем создан
createdTime=DATE_CREATE datetime O Дата создания
lastActivityBy user O Кем осуществлена последняя активность в таймлайне
lastActivityTime datetime O Последняя активность
opened boolean - Доступен для всех
updatedBy=MODIFY_BY_ID user O Кем изменен
updatedTime=DATE_MODIFY datetime O Дата изменения
utmCampaign string - Обозначение рекламной кампании
utmContent string - Содержание кампании
utmMedium string - Тип трафика
utmSource string - Рекламная система
utmTerm string - Условие поиска кампании
webformId integer - Создано CRM-формой
companyId crm_company - Компания
sourceId crm_status:SOURCE - Источник
sourceDescription text - Дополнительно об источнике
photo file - Фотография
post string - Должность
comments text - Комментарий
leadId crm_lead O Лид
export boolean - Участвует в экспорте контактов
typeId crm_status:CONTACT_TYPE - Тип контакта
originatorId string - Внешний источник
originId string - Идентификатор элемента во внешнем источнике
originVersion string - Версия оригинала
birthdate date - Дата рождения
honorific crm_status:HONORIFIC - Обращение
hasPhone boolean O Задан телефон
hasEmail boolean O Задан e-mail
hasImol boolean O Задана открытая линия
searchContent text O Служебное: поиск
categoryId crm_category - Воронка
observers user M Наблюдатели
companyIds crm_company M Компании
fm crm_multifield M Мультиполя
`;

const COMPANY = `
id integer O ID
title string R Название компании
assignedById user - Ответственный
createdBy=CREATED_BY_ID user O Кем создана
createdTime=DATE_CREATE datetime O Дата создания
lastActivityBy user O Автор последней активности в таймлайне
lastActivityTime datetime O Последняя активность
opened boolean - Доступна для всех
updatedBy=MODIFY_BY_ID user O Кем изменена
updatedTime=DATE_MODIFY datetime O Дата изменения
utmCampaign string - Обозначение рекламной кампании
utmContent string - Содержание кампании
utmMedium string - Тип трафика
utmSource string - Рекламная система
utmTerm string - Условие поиска кампании
webformId integer - Создано CRM-формой
logo file - Логотип
addressLegal text - Юридический адрес
bankingDetails string - Банковские реквизиты
comments text - Комментарий
typeId=COMPANY_TYPE crm_status:COMPANY_TYPE - Тип компании
industry crm_status:INDUSTRY - Сфера деятельности
revenue double - Годовой оборот
currencyId crm_currency - Валюта
employees crm_status:EMPLOYEES - Кол-во сотрудников
leadId crm_lead O Лид
originatorId string - Внешний источник
originId string - Идентификатор элемента во внешнем источнике
originVersion string - Версия оригинала
hasPhone boolean O Задан телефон
hasEmail boolean O Задан e-mail
hasImol boolean O Задана открытая линия
isMyCompany boolean - Моя компания
searchContent text O Служебное: поиск
categoryId crm_category - Воронка
ufLogo file -
ufStamp file -
ufDirectorSign file -
ufAccountantSign file -
observers user M Наблюдатели
contactIds crm_contact M Контакты
fm crm_multifield M Мультиполя
`;

const LEAD = `
id integer O ID
title string - Название лида
name string - Имя
secondName string - Отчество
lastName string - Фамилия
assignedById user - Ответственный
createdBy=CREATED_BY_ID user O Кем создан
createdTime=DATE_CREATE datetime O Дата создания
lastActivityBy user O Автор последней активности
lastActivityTime datetime O Последняя активность
opened boolean - Доступен для всех
updatedBy=MODIFY_BY_ID user O Кем изменен
updatedTime=DATE_MODIFY datetime O Дата изменения
utmCampaign string - Обозначение рекламной кампании
utmContent string - Содержание кампании
utmMedium string - Тип трафика
utmSource string - Рекламная система
utmTerm string - Условие поиска кампании
webformId integer - Создано CRM-формой
companyId crm_company - Компания
contactId crm_contact - Контакт
stageId=STATUS_ID crm_status:STATUS - Стадия
statusDescription text - Дополнительно о стадии
stageSemanticId=STATUS_SEMANTIC_ID string O Состояние статуса
opportunity double - Сумма
currencyId crm_currency - Валюта
sourceId crm_status:SOURCE - Источник
sourceDescription text - Дополнительно об источнике
companyTitle string - Название компании
post string - Должность
comments text - Комментарий
originatorId string - Внешний источник
originId string - Идентификатор элемента во внешнем источнике
dateClosed datetime O Дата завершения
birthdate date - Дата рождения
honorific crm_status:HONORIFIC - Обращение
hasPhone boolean O Задан телефон
hasEmail boolean O Задан e-mail
hasImol boolean O Задана открытая линия
isReturnCustomer boolean O Повторный лид
searchContent text O Служебное: поиск
isManualOpportunity boolean - Режим расчёта суммы
movedBy=MOVED_BY_ID user O Кем изменена стадия
movedTime datetime O Дата изменения стадии
observers user M Наблюдатели
contactIds crm_contact M Контакты
fm crm_multifield M Мультиполя
`;

export const STANDARD_FIELDS: Readonly<Record<EntityName, string>> = {
  lead: LEAD,
  deal: DEAL,
  contact: CONTACT,
  company: COMPANY,
};

/** Present in every item and always null: switched off by the vendor. */
export const DISABLED_FIELDS: Readonly<Record<EntityName, string>> = {
  lead: 'address dateCreateShort dateModifyShort isConvert login productId shortName',
  deal: 'begindateShort closedateShort dateCreateShort dateModifyShort eventDateShort hasProducts isLose isWon isWork lostAmount productId receivedAmount',
  contact: 'address login shortName',
  company: 'address',
};

/** Read-only mirrors of the first multi-field value of their kind. */
export const FM_ALIASES: Readonly<Record<EntityName, string>> = {
  lead: 'phoneMobile phoneWork phoneMailing emailHome emailWork emailMailing skype icq imol email phone',
  deal: '',
  contact: 'emailHome emailWork emailMailing phoneMobile phoneWork phoneMailing imol email phone',
  company: 'emailHome emailWork emailMailing phoneMobile phoneWork phoneMailing imol email phone',
};
