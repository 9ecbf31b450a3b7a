import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { PlanFault } from './fault.js';
import { readApplications } from './read-applications.js';
import { anApplication, listOf, World } from './world.fixture.js';

describe('the files of Applications', () => {
  const world = new World();
  after(() => world.remove());

  const read = async (...texts: string[]) =>
    Object.keys(
      await readApplications(
        texts.map((text, at) => world.write(`${at}.yaml`, text)),
        new Date(),
      ),
    );
  const faultsOf = async (...texts: string[]) => {
    const error = await read(...texts).then(
      () => assert.fail('it was read'),
      (fault: unknown) => fault,
    );
    assert.ok(error instanceof PlanFault, String(error));
    return error.faults.map((fault) => fault.replaceAll(`${world.directory}/`, ''));
  };

  it('are read as kubectl prints them, in YAML and JSON, as a list, alone and in several documents', async () => {
    const [one, two, three, four, five] = ['1', '2', '3', '4', '5'].map((name) => anApplication(name));
    const project = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'shop' } };
    const keys = await read(
      listOf(one ?? {}, project),
      stringify({ kind: 'ApplicationList', items: [two] }),
      JSON.stringify(three),
      `${stringify(four)}---\n${stringify(five)}---\n`,
    );
    assert.deepEqual(keys, ['argocd/1', 'argocd/2', 'argocd/3', 'argocd/4', 'argocd/5']);
  });

  it('are refused with every fault, by file and item', async () => {
    const noIdentity = { kind: 'Application', metadata: { name: 'shop', namespace: 'argocd' }, spec: {} };
    const faults = await faultsOf(
      listOf(anApplication('1'), noIdentity),
      'a: [',
      stringify({ kind: 'Deployment' }),
      listOf(anApplication('1')),
      '',
    );
    assert.equal(faults.length, 5);
    assert.match(faults.join('\n'), /^0\.yaml: item 2 \(argocd\/shop\): metadata\.uid: .*`kubectl get applications/m);
    assert.match(faults.join('\n'), /^1\.yaml: is not valid YAML: /m);
    assert.match(faults.join('\n'), /^2\.yaml: has no Application; give it what `kubectl/m);
    assert.match(faults.join('\n'), /^3\.yaml: the Application argocd\/1 is already in 0\.yaml$/m);
    assert.match(faults.join('\n'), /^4\.yaml: has no Application/m);
    await assert.rejects(readApplications(['/nowhere.yaml'], new Date()), /^PlanFault: .*cannot be read: it does not/);
  });
});
