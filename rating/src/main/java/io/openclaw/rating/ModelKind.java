package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;

/** One kind of model: how its bytes become a {@link RatingModel}. Thread-safe. */
public interface ModelKind {
  /** The kind as configured, for example {@code scorecard}. */
  String name();

  /**
   * Loads a model.
   *
   * @throws ModelException listing everything that is found wrong with the bytes, with its place
   */
  RatingModel load(ModelSource source) throws ModelException;

  /**
   * The inputs that the bytes record: what the model must be able to rate before it may serve.
   *
   * @throws ModelException where they cannot be read
   */
  List<Json.Obj> samples(byte[] bytes) throws ModelException;
}
