import { createRequire } from 'node:module';
import type { Liquid, Template } from 'liquidjs';

/** Loaded when a template is used: every process imports this package, and most of them have no template. */
const require = createRequire(import.meta.url);

/** Liquid for templates of operators: they read no files (`templates` replaces the file system), call no code, and end soon. */
export function restrictedLiquid(limits: { readonly parseLimit: number; readonly memoryLimit: number }): Liquid {
  const { Liquid: Engine } = require('liquidjs') as typeof import('liquidjs');
  return new Engine({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    // In milliseconds: a loop without an end, not a slow machine.
    renderLimit: 5_000,
    ...limits,
  });
}

let engine: Liquid | undefined;

function liquid(): Liquid {
  engine ??= restrictedLiquid({ parseLimit: 10_000, memoryLimit: 100_000 });
  return engine;
}

/** How many parsed templates are kept. */
const mostKept = 16;

/** A Liquid template (https://liquidjs.com) that an operator wrote, for text about these values. */
export class TextTemplate<Values extends object> {
  static #kept: { readonly text: string; readonly template: TextTemplate<object> }[] = [];
  readonly #parsed: Template[];

  /** Throws an Error that says what is wrong with the template. */
  constructor(text: string) {
    this.#parsed = liquid().parse(text);
  }

  /** The same template for the same text: parsing takes longer than rendering. Throws as the constructor does. */
  static of<Values extends object>(text: string): TextTemplate<Values> {
    const all = TextTemplate.#kept;
    const found = all.find((each) => each.text === text) ?? { text, template: new TextTemplate<object>(text) };
    TextTemplate.#kept = [found, ...all.filter((each) => each !== found)].slice(0, mostKept);
    return found.template;
  }

  /** Undefined if these values cannot be rendered: a template must not stop a promotion. */
  render(values: Values): string | undefined {
    try {
      return liquid().renderSync(this.#parsed, { ...values }) as string;
    } catch {
      return undefined;
    }
  }
}

/** What is wrong with this template, which is to be rendered with values as in the example; undefined if it can be used. */
export function templateFaultFor(text: string, example: object): string | undefined {
  try {
    liquid().parseAndRenderSync(text, { ...example });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
