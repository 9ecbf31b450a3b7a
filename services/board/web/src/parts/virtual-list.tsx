import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

export interface VirtualListProperties<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly children: (item: T) => ComponentChildren;
  readonly label: string;
}

/** The height of a row before it is measured, in pixels. */
const estimate = 150;

/** A list that draws only what can be seen; the window scrolls. */
export function VirtualList<T>({ items, keyOf, children, label }: VirtualListProperties<T>) {
  const list = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const optionsNow = {
    count: items.length,
    estimateSize: () => estimate,
    overscan: 4,
    gap: 12,
    getItemKey: (index: number) => keyOf(items[index] as T),
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    scrollMargin: list.current?.offsetTop ?? 0,
    initialOffset: () => window.scrollY,
    onChange: () => redraw(undefined),
  };
  const [virtual] = useState(() => new Virtualizer<Window, Element>(optionsNow));
  virtual.setOptions(optionsNow);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  const start = virtual.options.scrollMargin;
  return (
    <div ref={list} role="feed" aria-label={label} class="virtual" style={{ height: `${virtual.getTotalSize()}px` }}>
      {virtual.getVirtualItems().map(({ key, index, start: top }) => (
        <div
          key={String(key)}
          ref={virtual.measureElement}
          data-index={index}
          class="virtual-row"
          style={{ transform: `translateY(${top - start}px)` }}
        >
          {children(items[index] as T)}
        </div>
      ))}
    </div>
  );
}
