package io.openclaw.rating;

/** An item store that is soon full. */
public final class SmallItemStore {
  private SmallItemStore() {}

  public static ItemStore of(int itemsMax, DurableLog log) {
    return new ItemStore("test/1", log, itemsMax, itemsMax, 100, 100);
  }
}
