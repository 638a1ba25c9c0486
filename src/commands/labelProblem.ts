import { PhlbError } from '../engine/errors.js';
import { checkLabel } from '../engine/label.js';
import { phraseText } from '../host/errorText.js';

/** Why a text that is being typed cannot be a label; `undefined`: it can. */
export function labelProblem(text: string): string | undefined {
  try {
    checkLabel(text.trim());
    return undefined;
  } catch (error) {
    if (!PhlbError.is(error, 'usage')) throw error;
    return phraseText(error.said);
  }
}
