// The architecture as a drawing, and the event that travels through it.

import { type Matched, shortType } from "./architecture.ts";
import { useTexts } from "./context.ts";
import { type Box, boxes, busBox, COLUMNS, HEIGHT, letters, line, lineFromBus, WIDTH } from "./layout.ts";
import type { EventEntry } from "./player.ts";

export type DiagramProps = {
  bus: string;
  producers: readonly string[];
  /** Producers of the current event. */
  from: readonly string[];
  rules: readonly Matched[];
  current: EventEntry | undefined;
};

function Labelled({
  box,
  text,
  class: kind,
  small,
}: {
  box: Box;
  text: string;
  class: string;
  small?: string;
}) {
  const { x, y, width, height } = box;
  const size = letters(small ? { ...box, height: height * 0.62 } : box, text);
  return (
    <g class={kind}>
      <rect x={x} y={y} width={width} height={height} rx="8" />
      <text x={x + width / 2} y={y + height * (small ? 0.36 : 0.5)} font-size={size}>
        {text}
      </text>
      {small && (
        <text x={x + width / 2} y={y + height * 0.76} font-size={Math.max(12, Math.min(16, height * 0.3))}>
          {small}
        </text>
      )}
    </g>
  );
}

/** A line, and on it the event. Motion stops where the person wants none. */
function Way({ path, on, name, delay = 0 }: { path: string; on: boolean; name: string; delay?: number }) {
  return (
    <>
      <path class={on ? "way on" : "way"} d={path} />
      {on && (
        <circle
          class="event"
          r="11"
          key={name}
          style={{ offsetPath: `path("${path}")`, animationDelay: `${delay}s` }}
        />
      )}
    </>
  );
}

export function Diagram({ bus, producers, from, rules, current }: DiagramProps) {
  const texts = useTexts();
  const id = current?.event.id ?? "";
  const left = boxes("producer", producers.length);
  const middle = boxes("rule", rules.length);
  const right = boxes("target", rules.length);
  const whole = busBox();
  const titles = { producer: texts.producers, bus: texts.bus, rule: texts.rules, target: texts.targets };
  return (
    <svg class="diagram" viewBox={`0 -34 ${WIDTH} ${HEIGHT + 36}`} role="img" aria-label={texts.diagram}>
      {(Object.keys(titles) as (keyof typeof titles)[]).map((column) => (
        <text
          class="title"
          key={column}
          x={COLUMNS[column][0] + COLUMNS[column][1] / 2}
          y="-18"
          font-size="20"
        >
          {titles[column]}
        </text>
      ))}
      <g key={id}>
        {left.map((box, at) => (
          <Way
            key={producers[at]}
            name={id}
            path={line(box, whole, box.y + box.height / 2)}
            on={from.includes(producers[at] ?? "")}
          />
        ))}
        {middle.map((box, at) => {
          const on = rules[at]?.verdict === "matches";
          return (
            <>
              <Way name={id} path={lineFromBus(box)} on={on} delay={0.45} />
              <Way name={id} path={line(box, right[at] ?? box)} on={on} delay={0.9} />
            </>
          );
        })}
      </g>
      <g class={current ? "box bus on" : "box bus"}>
        <rect x={whole.x} y={whole.y} width={whole.width} height={whole.height} rx="10" />
        <text
          x={whole.x + whole.width / 2}
          y={HEIGHT / 2}
          font-size={letters(
            { ...whole, width: HEIGHT, height: 44 },
            current ? shortType(current.event["detail-type"]) : bus,
          )}
          transform={`rotate(-90 ${whole.x + whole.width / 2} ${HEIGHT / 2})`}
        >
          {current ? shortType(current.event["detail-type"]) : bus}
        </text>
      </g>
      {left.map((box, at) => (
        <Labelled
          key={producers[at]}
          box={box}
          text={producers[at] ?? ""}
          class={from.includes(producers[at] ?? "") ? "box on" : "box"}
        />
      ))}
      {rules.map(({ rule, verdict }, at) => {
        const state = { matches: `✔ ${texts.matches}`, unknown: `? ${texts.unknown}`, differs: "" }[verdict];
        const small = rule.enabled ? state : texts.off1;
        const kind = verdict === "matches" ? "box on" : "box";
        const targets = rule.targets.map(({ name }) => name).join(", ") || "–";
        const [own, other] = [middle[at], right[at]];
        return (
          own &&
          other && (
            <g key={rule.name} data-rule={rule.name} data-verdict={verdict}>
              <Labelled box={own} text={rule.name} class={kind} {...(small ? { small } : {})} />
              <Labelled box={other} text={targets} class={kind} />
            </g>
          )
        );
      })}
    </svg>
  );
}
