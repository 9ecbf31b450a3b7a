import { Component, type ComponentType, h } from 'preact';

/** Draws the component again only if a property is another value. */
export function memo<Properties extends object>(inner: ComponentType<Properties>): ComponentType<Properties> {
  return class extends Component<Properties> {
    override shouldComponentUpdate(next: Readonly<Properties>) {
      const keys = Object.keys(next) as (keyof Properties)[];
      return keys.some((key) => next[key] !== this.props[key]);
    }
    override render(properties: Readonly<Properties>) {
      return h(inner, { ...properties } as Properties);
    }
  };
}
