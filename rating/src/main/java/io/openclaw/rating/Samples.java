package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Inputs that a model's document records under {@code samples}: what the model must be able to rate
 * before it may serve.
 */
public final class Samples {
  /** Samples of one model. */
  public static final int SAMPLES_MAX = 1_000;

  /** The member of a model's document that holds them. */
  public static final String MEMBER = "samples";

  private Samples() {}

  /**
   * The samples of a model's document, whatever its kind; empty where it has none.
   *
   * @throws ModelException where they are no list of objects
   */
  public static List<Json.Obj> of(byte[] json, String kind) throws ModelException {
    return read(ModelObject.document(json, kind));
  }

  /**
   * The samples of an object of a model's document; empty where it has none.
   *
   * @throws ModelException where they are no list of objects
   */
  public static List<Json.Obj> read(ModelObject root) throws ModelException {
    if (!root.has(MEMBER)) {
      return List.of();
    }
    List<Json.Obj> samples = new ArrayList<>();
    for (Json each : root.list(MEMBER, SAMPLES_MAX)) {
      samples.add(ModelObject.of(each, root.at(MEMBER) + "/" + samples.size()).object());
    }
    return samples;
  }
}
