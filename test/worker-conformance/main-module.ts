import { transpileModule, ModuleKind, ScriptTarget } from 'typescript';
import type { WorkerCase } from './worker-case.js';

/** Beside each main.mjs. */
const tools = `
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

/** A file of this folder. */
export const here = (name) => new URL(name, import.meta.url);
export const pathOf = (name) => fileURLToPath(here(name));

/** Starts worker.mjs. */
export function start(options) {
  const worker = new Worker(here('./worker.mjs'), options);
  ended(worker);
  return worker;
}

/** A thrown value as JSON. */
export function thrown(value) {
  if (!(value instanceof Error)) return { thrown: typeof value === 'object' ? value : String(value), type: typeof value };
  const { name, message, code } = value;
  return code === undefined ? { name, message } : { name, message, code };
}

/** The name of what a call throws, with its code. */
export function refusal(call) {
  try {
    call();
    return 'nothing thrown';
  } catch (error) {
    return [error.name, error.code];
  }
}

/**
 * Logs all events of a worker when it has exited, and resolves with the exit code. Node sends online and error by another
 * port than messages, and promises no order between the two. So online is logged first, and errors last.
 */
export async function watch(worker, log, describe = thrown) {
  const entries = { online: [], messages: [], errors: [] };
  worker.on('online', () => entries.online.push('online'));
  worker.on('message', (value) => entries.messages.push(['message', value]));
  worker.on('messageerror', () => entries.messages.push('messageerror'));
  worker.on('error', (error) => entries.errors.push(['error', describe(error)]));
  const code = await ended(worker);
  for (const entry of Object.values(entries).flat()) log(entry);
  log(['exit', code]);
  return code;
}

const exits = new WeakMap();

/** Resolves with the exit code. Call it before the worker may have exited, unless \`start\` made it. */
export function ended(worker) {
  if (!exits.has(worker)) exits.set(worker, new Promise((resolve) => worker.on('exit', resolve)));
  return exits.get(worker);
}

/** All messages that a worker posts until it has exited. */
export async function messagesOf(worker) {
  const messages = [];
  worker.on('message', (value) => messages.push(value));
  await ended(worker);
  return messages;
}

/** The first message. */
export const message = (from) => new Promise((resolve) => from.once('message', resolve));

/** The error of a worker, when it has exited. */
export async function failure(worker) {
  let found;
  worker.on('error', (error) => (found = error));
  await ended(worker);
  return found;
}

/** All that a stream has to say. */
export async function textOf(stream) {
  stream.setEncoding('utf8');
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
`;

const mainModule = (body: string): string => `
import { EventEmitter, on, once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import * as threads from 'node:worker_threads';
import { ended, failure, here, message, messagesOf, pathOf, refusal, start, textOf, thrown, watch } from './tools.mjs';
const { BroadcastChannel, MessageChannel, MessagePort, SHARE_ENV, Worker } = threads;

export async function run(log) {
${body}
}
`;

/** The files of a case by their names, as they are under control. */
export function filesOf({ main, worker, files }: WorkerCase): Record<string, string> {
  return {
    'tools.mjs': tools,
    'main.mjs': mainModule(main),
    ...(worker === undefined ? {} : { 'worker.mjs': worker }),
    ...files,
  };
}

/** The same for plain Node: TypeScript is compiled, and the names of its files are changed everywhere. */
export function plainFilesOf(workerCase: WorkerCase): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, source] of Object.entries(filesOf(workerCase))) {
    const extension = /\.([cm]?)ts$/.exec(name);
    const text = source.replaceAll(/(\.[cm]?)ts(?=['"])/g, '$1js');
    if (extension === null) files[name] = text;
    else
      files[name.replace(/ts$/, 'js')] = compiled(text, extension[1] === 'c' ? ModuleKind.CommonJS : ModuleKind.ESNext);
  }
  return files;
}

const compiled = (text: string, module: ModuleKind): string =>
  transpileModule(text, { compilerOptions: { module, target: ScriptTarget.ES2022 } }).outputText;
