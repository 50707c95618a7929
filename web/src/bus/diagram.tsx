// The architecture as a drawing, and the event that travels through it.
import { type Matched, shortType } from "./architecture.ts";
import { useTexts } from "./context.ts";
import {
  type Box,
  boxes,
  busBox,
  COLUMNS,
  type Column,
  HEIGHT,
  letters,
  line,
  lineFromBus,
  WIDTH,
} from "./layout.ts";
import type { EventEntry } from "./player.ts";

export type DiagramProps = {
  bus: string;
  producers: readonly string[];
  /** Producer of the current event. */
  from: string | undefined;
  rules: readonly Matched[];
  current: EventEntry | undefined;
};

const SIGNS = { matches: "✔ ", unknown: "? ", differs: "" };

function Labelled({ box, text, on }: { box: Box; text: string; on: boolean }) {
  const { x, y, width, height } = box;
  return (
    <g class={on ? "box on" : "box"}>
      <rect x={x} y={y} width={width} height={height} rx="8" />
      <text x={x + width / 2} y={y + height / 2} font-size={letters(box, text)}>
        {text}
      </text>
    </g>
  );
}

/** A line, and the event that moves along it. CSS hides the event if motion is to be reduced. */
function Way({ path, on, delay = 0 }: { path: string; on: boolean; delay?: number }) {
  return (
    <>
      <path class={on ? "way on" : "way"} d={path} />
      {on && (
        <circle class="event" r="11" style={{ offsetPath: `path("${path}")`, animationDelay: `${delay}s` }} />
      )}
    </>
  );
}

function Titles() {
  const texts = useTexts();
  const titles = { producer: texts.producers, bus: texts.bus, rule: texts.rules, target: texts.targets };
  return (
    <>
      {(Object.keys(titles) as Column[]).map((column) => {
        const [x, width] = COLUMNS[column];
        return (
          <text class="title" key={column} x={x + width / 2} y="-18" font-size="22">
            {titles[column]}
          </text>
        );
      })}
    </>
  );
}

/** The bus, with the event that is on it. */
function Bus({ text, on }: { text: string; on: boolean }) {
  const { x, y, width, height } = busBox();
  const [centre, half] = [x + width / 2, HEIGHT / 2];
  return (
    <g class={on ? "box bus on" : "box bus"}>
      <rect x={x} y={y} width={width} height={height} rx="10" />
      <text
        x={centre}
        y={half}
        font-size={letters({ x, y, width: HEIGHT, height: 56 }, text)}
        transform={`rotate(-90 ${centre} ${half})`}
      >
        {text}
      </text>
    </g>
  );
}

function Rule({ matched: { rule, verdict }, at, count }: { matched: Matched; at: number; count: number }) {
  const texts = useTexts();
  const [own, other] = [boxes("rule", count)[at], boxes("target", count)[at]];
  const on = verdict === "matches";
  const name = SIGNS[verdict] + rule.name + (rule.enabled ? "" : ` (${texts.switchedOff})`);
  const targets = rule.targets.map((target) => target.name).join(", ") || "–";
  if (!own || !other) return null;
  return (
    <g data-rule={rule.name} data-verdict={verdict}>
      <Way path={lineFromBus(own)} on={on} delay={0.45} />
      <Way path={line(own, other)} on={on} delay={0.9} />
      <Labelled box={own} text={name} on={on} />
      <Labelled box={other} text={targets} on={on} />
    </g>
  );
}

export function Diagram({ bus, producers, from, rules, current }: DiagramProps) {
  const texts = useTexts();
  const whole = busBox();
  return (
    <svg class="diagram" viewBox={`0 -34 ${WIDTH} ${HEIGHT + 36}`} role="img" aria-label={texts.diagram}>
      <Titles />
      <g key={current?.event.id ?? ""}>
        {boxes("producer", producers.length).map((box, at) => {
          const name = producers[at] ?? "";
          return (
            <g key={name}>
              <Way path={line(box, whole, box.y + box.height / 2)} on={name === from} />
              <Labelled box={box} text={name} on={name === from} />
            </g>
          );
        })}
        {rules.map((matched, at) => (
          <Rule key={matched.rule.name} matched={matched} at={at} count={rules.length} />
        ))}
      </g>
      <Bus text={current ? shortType(current.event["detail-type"]) : bus} on={!!current} />
    </svg>
  );
}
