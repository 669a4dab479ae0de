package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import java.util.List;

/**
 * What models have in common that are a document and nothing else: who they are, what they take.
 */
abstract class DocumentModel implements RatingModel {
  private final String name;
  private final String version;
  private final String kind;
  private final String digest;
  private final InputSchema schema;

  DocumentModel(ModelSource source, String kind, InputSchema schema) {
    name = source.name();
    version = source.version();
    digest = source.digest();
    this.kind = kind;
    this.schema = schema;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String version() {
    return version;
  }

  @Override
  public final String kind() {
    return kind;
  }

  @Override
  public final String digest() {
    return digest;
  }

  @Override
  public final InputSchema schema() {
    return schema;
  }

  @Override
  public Checked check(Json.Obj input) {
    List<Violation> violations = schema.violations(input);
    return violations.isEmpty() ? ready(input) : new Checked.Invalid(violations);
  }

  /** An input that the schema takes, made ready. */
  abstract Checked ready(Json.Obj input);
}
