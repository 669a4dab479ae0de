package io.openclaw.edge;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.RatingModel;

/**
 * Another version of a tenant's model that rates a part of its requests, and who counts what became
 * of them; a port. Thread-safe, never blocks. Of models that keep no state only.
 */
public interface Canary {
  /** The version that is tried. */
  RatingModel model();

  /** Whether the stable version rates everything again. */
  boolean isStopped();

  /** The uniform number of what the request sticks by. */
  long hash(String keyId, Json.Obj input);

  /** Whether the tried version answers a request of this {@link #hash}. */
  boolean takes(long hash);

  /**
   * Counts a rating that was answered.
   *
   * @param byCanary whether the tried version gave it
   * @param nanos how long checking and rating took
   */
  void rated(Request request, boolean byCanary, long nanos, Rating rating);

  /**
   * Counts a rating that failed by no fault of the client.
   *
   * @param why what happened, for a person
   */
  void failed(Request request, boolean byCanary, long nanos, String why);

  /**
   * A request to a model that has a canary.
   *
   * @param hash its {@link #hash}
   * @param id the request's id
   */
  record Request(Json.Obj input, long hash, String id) {}
}
