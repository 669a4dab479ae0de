package io.openclaw.cel;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Samples;
import java.util.List;

/**
 * The kind {@code expression}: a document of CEL expressions. CEL's own classes, a second of work,
 * are loaded with the first such model and not before. Thread-safe.
 */
public final class CelKind implements ModelKind {
  /** The kind as configured. */
  public static final String NAME = "expression";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public RatingModel load(ModelSource source) throws ModelException {
    return ExpressionModel.load(source);
  }

  @Override
  public List<Json.Obj> samples(byte[] bytes) throws ModelException {
    return Samples.of(bytes, NAME);
  }
}
