import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import * as vscode from 'vscode';
import CountingReporter from '../reporter.js';

/** The entry that VS Code calls in its extension host. It rejects if a test failed or none ran. */
export async function run(): Promise<void> {
  await folderOpened();
  const mark = process.env['PHLB_TEST_MARK'];
  // The whole workbench shares one console with the tests: their lines are marked for the runner.
  if (mark) Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(mark + format(...args));
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 180_000,
    reporter: CountingReporter,
    ...(process.env['PHLB_TEST_GREP'] ? { grep: process.env['PHLB_TEST_GREP'] } : {}),
  });
  const folder = testFolder(process.env['PHLB_TEST_WINDOW']);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.test.js')) mocha.addFile(join(folder, name));
  }
  return new Promise((resolve, reject) => {
    mocha.run(failures => {
      if (failures > 0) reject(new Error(`${failures} tests failed`));
      else resolve();
    });
  });
}

// The folders of a .code-workspace file are known once it is read and each folder looked at, where one is on no disk by
// its extension: tests may be called before.
function folderOpened(): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      listening.dispose();
      reject(new Error('The window had no folder within a minute'));
    }, 60_000);
    const look = (): void => {
      if (!vscode.workspace.workspaceFolders?.length) return;
      clearTimeout(late);
      listening.dispose();
      resolve();
    };
    const listening = vscode.workspace.onDidChangeWorkspaceFolders(look);
    look();
  });
}

// The tests for a window of its own kind (`scripts/test/test-windows.mjs`) are in a folder of its name.
function testFolder(window = 'documents'): string {
  return window === 'documents' ? __dirname : join(__dirname, window);
}
