import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The folder that the page may load from. */
export function pageFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'page');
}

/**
 * The page before it has been told anything, which it says. It may run one script and one style sheet of the extension's and load nothing else. No inline style
 * is allowed either: the charts set theirs through the DOM's own calls, which the policy does not concern.
 */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, title: string, language: string): string {
  const folder = pageFolder(extensionUri);
  const script = webview.asWebviewUri(vscode.Uri.joinPath(folder, 'storage.js')).toString();
  const style = webview.asWebviewUri(vscode.Uri.joinPath(folder, 'storage.css')).toString();
  const nonce = randomBytes(16).toString('base64url');
  const waiting = vscode.l10n.t('Looking at what is stored…');
  const failed = vscode.l10n.t('Something on this page could not be shown; the log says more. {0}', '{0}');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escape(language)}" data-failure="${escape(failed)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(style)}">
<title>${escape(title)}</title>
</head>
<body>
<main id="page" aria-busy="true"><p class="note" role="status">${escape(waiting)}</p></main>
<script nonce="${nonce}" src="${escape(script)}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);
}
