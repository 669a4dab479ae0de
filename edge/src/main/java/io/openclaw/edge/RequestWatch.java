package io.openclaw.edge;

/**
 * Hears whose a request is and what rates it, as soon as that is known: for one whose rating never
 * ends; a port. Thread-safe, never blocks.
 */
@FunctionalInterface
public interface RequestWatch {
  /** Nobody listens. */
  RequestWatch NONE = (tenant, model, variant) -> {};

  /**
   * What is known; more may follow.
   *
   * @param model empty where none is chosen yet, and so is the variant
   */
  void known(String tenant, String model, String variant);
}
