import assert from 'node:assert/strict';
import { buildCounter, containersOf } from '../manifest/containers.js';
import { readFields } from './fields.js';
import { manifestsOf, mapImages, stringAt } from './manifest.js';
import { applyPatch, dataIn } from './patches.js';
import { isMatch } from './pattern.js';
import { mergePatch } from './strategic-merge.js';

const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, labels: {app: shop, tier: web}}\n';
const rollout = deployment.replace('apps/v1', 'argoproj.io/v1alpha1').replace('Deployment', 'Rollout');
const containers = (list: string) => `spec: {containers: [${list}]}\n`;

/** The images after a patch of an object with the containers `a: one` and `b: two`. */
function patched(patch: string, target = '', head = deployment, hasSchema = false): string {
  const text = head + containers('{name: a, image: one}, {name: b, image: two}');
  const count = buildCounter();
  const manifests = dataIn(containersOf(text), 'x.yaml', count).flatMap(manifestsOf);
  const [{ target: selector } = {}] = readFields('k.yaml', `patches: [{path: p.yaml, ${target}}]`).patches;
  applyPatch(
    { file: 'p.yaml', containers: containersOf(patch), isEditable: true },
    selector,
    manifests,
    hasSchema,
    count,
  );
  const images: string[] = [];
  for (const { data } of manifests) {
    mapImages(data, (image) => {
      images.push(image.text);
      return image;
    });
  }
  return images.join(' ');
}

describe('a patch of a kustomization', () => {
  const merge = (list: string, head = deployment) => head + containers(list);
  const inNamespace = (namespace: string) => deployment.replace('name: shop', `name: shop, namespace: ${namespace}`);
  const at = '/spec/containers';
  const all = 'target: {kind: Deployment}';
  const rules: [rule: string, images: string, ...Parameters<typeof patched>][] = [
    ['merges containers by their name, and puts its own first', '2 one', merge('{name: b, image: "2"}')],
    ['deletes a container', 'two', merge('{name: a, $patch: delete}')],
    ['replaces all containers', '3', merge('{$patch: replace}, {name: c, image: "3"}')],
    ['deletes an object', '', `${deployment}$patch: delete\n`],
    ['removes a list with null', '', `${deployment}spec: {containers: null}\n`],
    [
      'replaces the list of a kind that kustomize does not know',
      '2',
      merge('{name: b, image: "2"}', rollout),
      '',
      rollout,
    ],
    [
      'merges it where the kustomization has a schema',
      '2 one',
      merge('{name: b, image: "2"}', rollout),
      '',
      rollout,
      true,
    ],
    ['passes an object of another name by', 'one two', merge('{name: a, image: x}').replace('shop', 'other')],
    [
      'tells objects of one name apart by their namespace',
      'zero 2 one',
      merge('{name: b, image: "2"}', inNamespace('b')),
      '',
      `${merge('{name: a, image: zero}', inNamespace('a'))}---\n${inNamespace('b')}`,
    ],
    ['selects with an expression', '2 one', merge('{name: b, image: "2"}'), 'target: {name: sh.*}'],
    ['selects the whole name', 'one two', merge('{name: b, image: "2"}'), 'target: {name: sh}'],
    [
      'selects by label',
      '2 one',
      merge('{name: b, image: "2"}'),
      'target: {labelSelector: "app=shop,tier in (web, db)"}',
    ],
    // A regular expression with two repetitions side by side would take minutes for it.
    [
      'selects by a label after very many spaces',
      '2 one',
      merge('{name: b, image: "2"}'),
      `target: {labelSelector: "app=shop,${' '.repeat(200_000)}tier = web${' '.repeat(200_000)}"}`,
    ],
    [
      'selects nothing by an empty requirement',
      'one two',
      merge('{name: b, image: "2"}'),
      'target: {labelSelector: ","}',
    ],
    ['selects by no label', 'one two', merge('{name: b, image: "2"}'), 'target: {labelSelector: "app!=shop"}'],
    ['selects by group', 'one two', merge('{name: b, image: "2"}'), 'target: {group: batch, kind: Deployment}'],
    ['replaces an image by its path', 'x two', `[{op: replace, path: ${at}/0/image, value: x}]`, all],
    ['adds a container at the end', 'one two x', `[{op: add, path: ${at}/-, value: {image: x}}]`, all],
    ['adds a container before another', 'x one two', `[{op: add, path: ${at}/0, value: {image: x}}]`, all],
    ['removes a container', 'two', `[{op: remove, path: ${at}/0}]`, all],
    ['copies an image', 'one one', `[{op: copy, from: ${at}/0/image, path: ${at}/1/image}]`, all],
    ['moves a container', 'two one', `[{op: move, from: ${at}/0, path: ${at}/1}]`, all],
    ['does nothing where a path leads nowhere', 'one two', `[{op: replace, path: /a/b/image, value: x}]`, all],
  ];
  for (const [rule, images, ...patch] of rules) it(rule, () => assert.equal(patched(...patch), images));

  it('leaves an object its name, which says only what the patch is for', () => {
    const merged = mergePatch({ kind: 'Pod', metadata: { name: 'a' } }, { metadata: { name: 'b' } }, false);
    assert.equal(stringAt(merged, 'metadata', 'name'), 'a');
  });

  it('changes nothing that other objects inherit', () => {
    for (const path of ['/x/__proto__/image', '/x/constructor/prototype/image']) {
      patched(`[{op: add, path: /x, value: {}}, {op: add, path: ${path}, value: x}]`, all);
    }
    assert.ok(!('image' in {}));
  });

  it('matches expressions as kustomize does, and takes no time for those that could', () => {
    assert.ok(isMatch('a|b', 'b') && isMatch('[a-c]+', 'abc') && isMatch('', ''));
    assert.ok(!isMatch('a', 'ab') && !isMatch('(', 'a') && isMatch('(', '('));
    for (const slow of ['(a+)+b', `${'a?'.repeat(40)}${'a'.repeat(40)}b`, `${'(a|a)'.repeat(40)}b`]) {
      assert.ok(!isMatch(slow, 'a'.repeat(500)) && !isMatch(slow, 'a'.repeat(40)), slow);
    }
    const large = 'a{1000}'.repeat(140);
    assert.ok(isMatch(large, large), 'is taken literally');
    assert.ok(isMatch('ghcr.io/a', 'ghcrXio/a'), 'kustomize does not escape the name of an image');
  });
});
