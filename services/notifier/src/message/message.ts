/** A link below a message. */
export interface MessageLink {
  readonly title: string;
  readonly url: string;
}

/** What a receiver shows, as plain text: each receiver escapes it for its own format. */
export interface Message {
  /** One line. */
  readonly subject: string;
  readonly body: string;
  readonly links: readonly MessageLink[];
}
