import { useEffect } from 'preact/hooks';

/** The title of the page, which a screen reader says first. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · K8sTA`;
  }, [title]);
}
