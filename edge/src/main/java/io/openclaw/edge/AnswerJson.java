package io.openclaw.edge;

import com.fasterxml.jackson.core.JsonGenerator;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.io.IOException;
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
          out.writeStartObject();
          number(out, "rating", rating.value());
          if (threshold != null) {
            out.writeStringField(
                "decision", rating.value().compareTo(threshold) >= 0 ? "approve" : "decline");
            number(out, "threshold", threshold);
          }
          out.writeStringField("model", model);
          out.writeStringField("version", version);
          out.writeStringField("variant", variant);
          reasons(out, rating.reasons());
          if (rating.item() != null) {
            out.writeFieldName("item");
            JsonWriter.write(out, rating.item());
          }
          if (rating.outputs() != null) {
            out.writeFieldName("outputs");
            JsonWriter.write(out, rating.outputs());
          }
          out.writeStringField("region", region);
          out.writeStringField("request_id", requestId);
          out.writeEndObject();
        });
  }

  private static void reasons(JsonGenerator out, List<Reason> reasons) throws IOException {
    out.writeArrayFieldStart("reasons");
    for (int i = 0; i < reasons.size(); i++) {
      Reason reason = reasons.get(i);
      out.writeStartObject();
      out.writeStringField("code", reason.code());
      out.writeStringField("text", reason.text());
      number(out, "points", reason.points());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void number(JsonGenerator out, String name, Decimal value) throws IOException {
    out.writeFieldName(name);
    if (value.scale() == 0) {
      out.writeNumber(value.unscaled());
    } else {
      out.writeNumber(value.toString());
    }
  }
}
