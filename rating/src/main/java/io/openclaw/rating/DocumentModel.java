package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import java.util.List;

/**
 * What models have in common that are a document and nothing else: who they are, what they take.
 * Thread-safe, where what is added is.
 */
public abstract class DocumentModel implements RatingModel {
  private final String name;
  private final String version;
  private final String kind;
  private final String digest;
  private final InputSchema schema;

  /**
   * A model.
   *
   * @param source only its name, its version and its digest are kept
   */
  protected DocumentModel(ModelSource source, String kind, InputSchema schema) {
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
    List<Violation> violations = violations(input);
    return violations.isEmpty() ? ready(input) : new Checked.Invalid(violations);
  }

  /** What is wrong with an input; nothing where {@link #ready} takes it. */
  protected List<Violation> violations(Json.Obj input) {
    return schema.violations(input);
  }

  /** An input with which nothing is wrong, made ready. */
  protected abstract Checked ready(Json.Obj input);
}
