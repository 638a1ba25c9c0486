import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { ClientCall, ClientCalls } from './call.js';

/** Longer than any path of a system, in characters. */
const LONGEST_PATH = 4096;

export interface ToolDefinition<S extends z.ZodObject> {
  name: string;
  title: string;
  /** what an agent has to know of it */
  description: string;
  input: S;
  /** `looks`: it changes nothing; `adds`: it only adds something; `overwrites`: what it overwrites is kept */
  does: 'looks' | 'adds' | 'overwrites';
  /** Returns a document whose lists have as much as fits into it. */
  run(input: z.output<S>, call: ClientCall): Promise<object>;
}

/** Registers a tool with a server. */
export type Tool = (server: McpServer, calls: ClientCalls) => void;

export function defineTool<S extends z.ZodObject>(definition: ToolDefinition<S>): Tool {
  const { name, title, description, input, does, run } = definition;
  const annotations = {
    title,
    readOnlyHint: does === 'looks',
    destructiveHint: does === 'overwrites',
    idempotentHint: does === 'looks',
    openWorldHint: false,
  };
  return (server, calls) => {
    server.registerTool<z.ZodObject, z.ZodObject>(
      name,
      { title, description, inputSchema: input, annotations },
      (given, context) => calls.answer(context, call => run(given as z.output<S>, call)),
    );
  };
}

/** Of several tools. */
export const inputs = {
  snapshot: z
    .string()
    .min(1)
    .max(1024)
    .describe('Id of a snapshot as the tool list gives it, NAME/YYYY-MM-DD-HHMMSS, or NAME/latest'),
  path: z.string().min(1).max(LONGEST_PATH),
  turn: z
    .string()
    .min(1)
    .max(120)
    .regex(/^\S+$/u)
    .describe('Id of a turn of yours, one that no other turn has, such as a UUID'),
  dryRun: z.boolean().default(true).describe('true (the default): only tell what would be done; false: do it'),
};

/** How many items are told at most. */
export function limitInput(preset: number, most: number): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(1).max(most).default(preset);
}
