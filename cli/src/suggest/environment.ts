/** The kinds of environment, in the order in which an image passes them, with the words that people use for each. */
const environments = {
  dev: ['dev', 'devel', 'develop', 'development', 'sandbox', 'sbx'],
  test: ['test', 'tst', 'testing', 'ci'],
  int: ['int', 'integration', 'sit'],
  qa: ['qa', 'qas'],
  uat: ['uat', 'acc', 'acceptance'],
  stage: ['stage', 'stg', 'staging'],
  preprod: ['preprod', 'preproduction', 'preprd', 'ppd', 'pre', 'nonprod'],
  canary: ['canary'],
  prod: ['prod', 'prd', 'production', 'live'],
} as const satisfies Record<string, readonly string[]>;

export type Environment = keyof typeof environments;

export const environmentOrder = Object.keys(environments) as Environment[];

const byWord = new Map<string, Environment>(
  environmentOrder.flatMap((environment) => environments[environment].map((word) => [word, environment] as const)),
);

/** Parts of names that tell copies of one environment apart: regions, their directions and numbers. */
const region = new RegExp(
  [
    /^(eu|us|usa|na|sa|ap|apac|emea|latam|uk|gb|de|fr|nl|ie|jp|sg|in|au|ca|br|cn|global)[0-9]{0,2}$/,
    /^(north|south)?(east|west|north|south|central)?([0-9]{1,2}[a-d]?)?$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** An environment that a name shows. */
export interface Sighting {
  readonly environment: Environment;
  /** As it is spelled. */
  readonly word: string;
  /** The rest of the name, without the environment and the regions behind or before it. */
  readonly stem: string;
}

/** Every reading of a name by which one of its words is an environment, in the order of the words. */
export function environmentsIn(name: string): Sighting[] {
  const tokens = tokensOf(name);
  return tokens.flatMap((token, at) => {
    const word = token.replace(/[0-9]{1,2}$/, '');
    const environment = byWord.get(token) ?? byWord.get(word);
    if (environment === undefined) return [];
    const others = tokens.filter((_, index) => index !== at);
    const rest = others.filter((each) => !region.test(each));
    return [{ environment, word: byWord.has(token) ? token : word, stem: rest.join('-') }];
  });
}

/** The words of a name, in lower case; `pre-prod` is one word. */
function tokensOf(name: string): string[] {
  return name
    .toLowerCase()
    .replaceAll(/\b(pre|non)[-_](prod|production|prd)\b/g, '$1$2')
    .split(/[-_./\s]+/)
    .filter((token) => token !== '');
}

/** A name without its regions, where it shows no environment. */
export function stemOf(name: string): string {
  return tokensOf(name)
    .filter((token) => !region.test(token))
    .join('-');
}
