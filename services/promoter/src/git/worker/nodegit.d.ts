/** What @types/nodegit 0.28 lacks or has wrong. */
import type { Enums, Oid, RemoteCallbacks, Repository } from 'nodegit';

declare module 'nodegit/remote-callbacks.js' {
  interface RemoteCallbacks {
    /** Called per ref; the message is empty when the server took it. Push itself returns OK either way. */
    pushUpdateReference?: (ref: string, message: string | null) => number;
    /** The text goes on behind `length` with whatever was in the buffer. */
    sidebandProgress?: (text: string, length: number) => number;
  }
}

declare module 'nodegit/tree.js' {
  interface Tree {
    /** The typed overload demands class instances, of which there is no constructor. */
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
    connect(direction: Enums.DIRECTION, callbacks: RemoteCallbacks, proxy: null, headers: string[]): Promise<number>;
  }
}

declare module 'nodegit/push-options.js' {
  interface PushOptions {
    customHeaders?: string[];
  }
}
