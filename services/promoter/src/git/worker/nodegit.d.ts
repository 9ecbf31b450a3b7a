/** Corrects and completes @types/nodegit 0.28. */
import type { Enums, Oid, ProxyOptions, RemoteCallbacks, Repository } from 'nodegit';

declare module 'nodegit/remote-callbacks.js' {
  interface RemoteCallbacks {
    /** Called for each ref; the message is empty if the server accepted the ref. Push itself returns OK in both cases. */
    pushUpdateReference?: (ref: string, message: string | null) => number;
    /** Only the first `length` characters are valid; the rest is old buffer content. */
    sidebandProgress?: (text: string, length: number) => number;
  }
}

declare module 'nodegit/tree.js' {
  interface Tree {
    /** The typed overload requires class instances, which have no constructor. */
    createUpdated(repository: Repository, count: number, updates: TreeUpdateLike[]): Promise<Oid>;
  }
  interface TreeUpdateLike {
    action: 0 | 1;
    id: Oid;
    filemode: number;
    path: string;
  }
}

declare module 'nodegit/remote.js' {
  interface Remote {
    connect(
      direction: Enums.DIRECTION,
      callbacks: RemoteCallbacks,
      proxy: ProxyOptions,
      headers: string[],
    ): Promise<number>;
  }
}

declare module 'nodegit/push-options.js' {
  interface PushOptions {
    customHeaders?: string[];
  }
}

declare module 'nodegit/proxy.js' {
  namespace Proxy {
    enum PROXY {
      NONE = 0,
      AUTO = 1,
      SPECIFIED = 2,
    }
  }
}
