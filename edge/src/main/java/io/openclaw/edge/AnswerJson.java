package io.openclaw.edge;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of a 200: part of the HTTP contract, member by member in this order. */
public final class AnswerJson {
  private AnswerJson() {}

  /** The bytes of the body; {@code threshold} null for no decision. */
  public static byte[] write(
      Rating rating,
      String model,
      String version,
      String variant,
      @Nullable Decimal threshold,
      String region,
      String requestId) {
    return JsonWriter.write(
        out -> {
          out.startObject();
          out.field("rating", rating.value());
          if (threshold != null) {
            out.field("decision", rating.value().compareTo(threshold) >= 0 ? "approve" : "decline");
            out.field("threshold", threshold);
          }
          out.field("model", model);
          out.field("version", version);
          out.field("variant", variant);
          reasons(out, rating.reasons());
          if (rating.item() != null) {
            out.field("item", rating.item());
          }
          if (rating.outputs() != null) {
            out.field("outputs", rating.outputs());
          }
          out.field("region", region);
          out.field("request_id", requestId);
          out.endObject();
        });
  }

  private static void reasons(JsonWriter out, List<Reason> reasons) {
    out.startArray("reasons");
    for (int i = 0; i < reasons.size(); i++) {
      Reason reason = reasons.get(i);
      out.startObject();
      out.field("code", reason.code());
      out.field("text", reason.text());
      out.field("points", reason.points());
      out.endObject();
    }
    out.endArray();
  }
}
