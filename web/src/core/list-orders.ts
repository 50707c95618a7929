// Reads lists of orders page by page.
import type { Answer, Api } from "./api.ts";
import type { Order, OrderList, OrderStatus } from "./types.ts";

export type ListQuery = { eventId: string; status: OrderStatus; since?: string; order?: "newest" };

/** Returns all orders of a list, or the first `most` of them. */
export async function listOrders(
  api: Api,
  query: ListQuery,
  most = Number.POSITIVE_INFINITY,
): Promise<Answer<Order[]>> {
  const found: Order[] = [];
  let nextToken: string | undefined;
  do {
    const maxItems = Math.min(100, most - found.length);
    const page = await api.call<OrderList>("GET", "orders", { query: { ...query, maxItems, nextToken } });
    if (!page.ok) return page;
    found.push(...page.body.orders);
    ({ nextToken } = page.body);
  } while (nextToken && found.length < most);
  return { ok: true, status: 200, body: found };
}
