// The company that both sandboxes tell about: people, purchase requests (Jira) and deals (Bitrix24).

export type SamplePerson = {
  /** `ivanova`: how requests and deals name the person here. */
  readonly key: string;
  readonly name: string;
  readonly jiraEmail: string;
  readonly crmEmail: string;
};

export type RequestStatus = 'To Do' | 'In Progress' | 'Done' | "Won't do";
export type DealStage = 'Черновик' | 'Согласование' | 'Новая' | 'В работе' | 'Выиграна' | 'Проиграна';

export type SampleRequest = {
  readonly summary: string;
  readonly description: string;
  readonly budget: number | null;
  /** `YYYY-MM-DD` */
  readonly dueDate: string | null;
  readonly distributor: string | null;
  readonly labels: readonly string[];
  readonly assignee: string | null;
  readonly reporter: string;
  readonly priority: 'High' | 'Medium' | 'Low';
  readonly status: RequestStatus;
  /** Epoch ms. */
  readonly createdAt: number;
};

export type SampleDeal = {
  readonly title: string;
  readonly amount: number | null;
  readonly currency: 'RUB' | 'EUR';
  /** `YYYY-MM-DD` */
  readonly closeDate: string | null;
  readonly distributor: string | null;
  readonly tags: readonly string[];
  readonly responsible: string;
  readonly stage: DealStage;
  readonly comments: string;
  readonly urgent: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
};

export type SampleCompany = {
  /** The first person is the admin; the one with key `sync` is the account that the daemon uses. */
  readonly people: readonly SamplePerson[];
  readonly distributors: readonly string[];
  readonly requests: readonly SampleRequest[];
  readonly deals: readonly SampleDeal[];
};
