import { useId, useState } from 'react';
import type { Modality, Rates } from '../cms/views.ts';
import { modalityWords, money } from '../text/words.ts';

interface Props {
  rates: Rates;
}

/** What a reading would cost: minutes by rate, to the cent. */
export default function CostEstimate({ rates }: Props) {
  const offered = Object.keys(rates) as Modality[];
  const [modality, setModality] = useState<Modality | undefined>(offered[0]);
  const [minutes, setMinutes] = useState(20);
  const id = useId();
  const rate = modality && rates[modality];
  if (!modality || !rate) return null;
  return (
    <div className="estimate">
      <div className="field">
        <label htmlFor={`${id}way`}>Way of talking</label>
        <select
          id={`${id}way`}
          className="select"
          value={modality}
          onChange={(event) => setModality(event.target.value as Modality)}
        >
          {offered.map((one) => (
            <option key={one} value={one}>
              {modalityWords[one]}, {money(rates[one] ?? 0)} a minute
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}minutes`}>
          Time together: <b>{minutes} minutes</b>
        </label>
        <input
          id={`${id}minutes`}
          type="range"
          min={3}
          max={90}
          value={minutes}
          aria-valuetext={`${minutes} minutes`}
          onChange={(event) => setMinutes(event.target.valueAsNumber)}
        />
      </div>
      <p className="estimate-sum">
        <output htmlFor={`${id}way ${id}minutes`}>{money(rate * minutes)}</output>
        <span className="small quiet">
          {minutes} × {money(rate)}. You pay for the minutes that begin, and for no more.
        </span>
      </p>
    </div>
  );
}
