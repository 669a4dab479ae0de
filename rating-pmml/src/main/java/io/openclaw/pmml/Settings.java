package io.openclaw.pmml;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelObject;
import io.openclaw.rating.Samples;
import io.openclaw.rating.ScoreScale;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a PMML document says of ratings, in {@code <Extension name="openclaw" value="{…}"/>}, a
 * child of the root or of its header.
 *
 * @param output the output that is the rating; null for the default
 * @param scale how it becomes a rating
 * @param reasonsMax reasons of one rating
 * @param texts what reasons mean, by field or code
 * @param samples inputs that the model must be able to rate
 */
record Settings(
    @Nullable String output,
    ScoreScale scale,
    int reasonsMax,
    Map<String, String> texts,
    List<Json.Obj> samples) {
  /** Reasons where nothing else is said. */
  static final int REASONS = 4;

  private static final int REASONS_MAX = 100;
  private static final int TEXT_LENGTH_MAX = 1_000;

  static Settings read(XmlNode root) throws ModelException {
    XmlNode found = null;
    XmlNode header = root.child("Header");
    for (XmlNode owner : header == null ? List.of(root) : List.of(root, header)) {
      for (XmlNode each : owner.children("Extension")) {
        if ("openclaw".equals(each.get("name"))) {
          if (found != null) {
            throw each.wrong("a second Extension openclaw", "one");
          }
          found = each;
        }
      }
    }
    if (found == null) {
      return new Settings(null, ScoreScale.PLAIN, REASONS, Map.of(), List.of());
    }
    String value = found.require("value");
    Json json;
    try {
      json = JsonReader.read(value.getBytes(StandardCharsets.UTF_8));
    } catch (JsonSyntaxException e) {
      throw found.wrong(
          "value: line " + e.line() + ", column " + e.column() + ": " + e.detail(), "JSON");
    }
    return read(ModelObject.of(json, found.place() + " value"));
  }

  private static Settings read(ModelObject written) throws ModelException {
    written.allowOnly(List.of("rating", "scale", "reasons", Samples.MEMBER));
    String output = null;
    if (written.has("rating")) {
      ModelObject rating = written.object("rating");
      rating.allowOnly(List.of("output"));
      output = rating.text("output", 1_000);
    }
    ScoreScale scale =
        written.has("scale") ? ScoreScale.read(written.object("scale")) : ScoreScale.PLAIN;
    int limit = REASONS;
    Map<String, String> texts = new HashMap<>();
    if (written.has("reasons")) {
      ModelObject reasons = written.object("reasons");
      reasons.allowOnly(List.of("limit", "texts"));
      limit = reasons.has("limit") ? reasons.integer("limit", 0, REASONS_MAX) : REASONS;
      if (reasons.has("texts")) {
        ModelObject each = reasons.object("texts");
        for (String name : each.members().keySet()) {
          texts.put(name, each.text(name, TEXT_LENGTH_MAX));
        }
      }
    }
    return new Settings(output, scale, limit, Map.copyOf(texts), Samples.read(written));
  }
}
