import { usableLocale } from '../../../host/editor/dates.js';

// The chart library hands it to `Intl` as it is while it is loaded; some browsers give a name that `Intl` refuses.
const language = usableLocale(navigator.language, document.documentElement.lang);
if (language !== navigator.language) Object.defineProperty(navigator, 'language', { value: language });
