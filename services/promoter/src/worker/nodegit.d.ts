/** What @types/nodegit 0.28 lacks or has wrong. */
import type { Oid, Repository } from 'nodegit';

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
