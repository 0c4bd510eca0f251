// The company of the demo: the sandbox's sample, in roubles as the sample profile maps them, and with some requests that
// have a deal already, so that the first start finds pairs as well as making them.
import type { SampleCompany, SampleDeal, SampleRequest } from '../sandbox/sample-company.ts';

const ROUBLES_PER_EURO = 95;
const EVERY = 4;

export function demoCompany(company: SampleCompany): SampleCompany {
  const roubles = company.deals.map(inRoubles);
  const deals = roubles.map((deal, index) => {
    const request = company.requests[index];
    return index % EVERY === 0 && request !== undefined ? dealOf(request, deal) : deal;
  });
  return { ...company, deals };
}

function inRoubles(deal: SampleDeal): SampleDeal {
  if (deal.currency === 'RUB') return deal;
  return { ...deal, currency: 'RUB', amount: deal.amount === null ? null : deal.amount * ROUBLES_PER_EURO };
}

/** What a salesperson typed in again from the request; what was left out is filled in by the sync. */
function dealOf(request: SampleRequest, deal: SampleDeal): SampleDeal {
  const stages = { 'To Do': 'Новая', 'In Progress': 'В работе', Done: 'Выиграна', "Won't do": 'Проиграна' } as const;
  return {
    ...deal,
    title: request.summary,
    amount: request.budget,
    closeDate: request.dueDate,
    distributor: request.distributor,
    tags: [],
    responsible: request.assignee ?? deal.responsible,
    stage: stages[request.status],
    urgent: false,
    comments: '',
  };
}
