/** The stand-in for Argo CD in its own process. It takes no time of its own for a comparison, a sync or a rollout. */
import { type ApplicationSpec, type ArgoCd, startArgoCd } from '@k8sta/sandbox';
import { answerQuestions } from '../child.js';

export interface ArgoQuestions {
  /** Answers with the path of a kubeconfig, once every Application is deployed. */
  start(input: {
    git: { username: string; password: string };
    applications: readonly ApplicationSpec[];
  }): Promise<{ kubeconfig: string }>;
}

const withoutDelay = { compareMs: 0, operationMs: 0, syncMs: 0, rolloutMs: 0 };

let argo: ArgoCd | undefined;

answerQuestions<ArgoQuestions>(
  {
    async start({ git, applications }) {
      // Applications of one repository share an answer of the remote at first; later each is compared on request only.
      argo = await startArgoCd({ git, pollMs: 0, speeds: { ...withoutDelay, revisionCacheMs: 60_000 } });
      for (const application of applications) {
        argo.createApplication(application);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const names = applications.map(({ name }) => name);
      while (!names.every((name) => isDeployed(argo?.application(name)))) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return { kubeconfig: argo.kubeconfig };
    },
  },
  async () => argo?.stop(),
);

function isDeployed(application: ReturnType<ArgoCd['application']>): boolean {
  return application?.status?.health?.status === 'Healthy' && application.status.sync?.status === 'Synced';
}
