import { PhlbError } from '../../engine/words/errors.js';
import { checkLabel } from '../../engine/words/label.js';
import { phraseText } from '../../host/editor/error-text.js';

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
