// Texts of the bus page.
import type { Language } from "../core/i18n.ts";
import { es } from "./texts.es.ts";
import { pt } from "./texts.pt.ts";

export type Messages = typeof en;

const en = {
  page: "Event bus",
  noRole: "This page is for admins.",
  signOut: "Sign out",
  off: "This stack has no realtime. The page shows the architecture, but no events.",
  waiting: "No event yet. Order a drink, and follow its events here.",
  published: "published",
  matchesNone: "No rule matches.",
  matches: "matches",
  switchedOff: "switched off",
  producers: "Producers",
  bus: "Bus",
  rules: "Rules",
  targets: "Targets",
  diagram: "Architecture, and the current event on its way",
  controls: "Playback",
  live: "Live",
  pause: "Pause",
  back: "Step back",
  forward: "Step forward",
  replay: (speed: string) => `Replay at ${speed} speed`,
  replaying: "Replay of the last minutes",
  paused: "Paused",
  order: "Order",
  allOrders: "All orders",
  workflow: (name: string) => `Workflow ${name}`,
  ended: "ended",
  noWorkflow: "No workflow is deployed.",
  events: "Events",
  gap: "not connected",
  json: "Event as JSON",
  close: "Close",
  note: "“Matches” is this page's own evaluation of the rules' patterns. EventBridge does not report deliveries.",
};

export const messages: Record<Language, Messages> = { en, es, "pt-BR": pt };
