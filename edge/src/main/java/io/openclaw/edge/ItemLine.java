package io.openclaw.edge;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemJson;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One line of the answer to many inputs (NDJSON): the input's index, its status, and the members of
 * a rating or of a problem document. Part of the HTTP contract. Stateless.
 */
public final class ItemLine {
  private static final byte[] END = {'}', '\n'};

  private ItemLine() {}

  /**
   * The line of one input, with its line feed.
   *
   * @param index from 0
   * @param requestId as its problem document names it
   */
  public static byte[] write(long index, Answered answered, String requestId) {
    StringBuilder head = new StringBuilder(48).append("{\"index\":").append(index);
    Problem problem = answered.problem();
    if (problem == null) {
      return join(head.append(",\"status\":200,"), answered.body());
    }
    if (problem.retryAfterSeconds() > 0) {
      head.append(",\"retry_after\":").append(problem.retryAfterSeconds());
    }
    return join(head.append(','), ProblemJson.write(problem, requestId));
  }

  /** The last line where the inputs could not be read to their end: what was wrong with them. */
  public static byte[] error(Problem problem, String requestId) {
    byte[] document = ProblemJson.write(problem, requestId);
    ByteArrayOutputStream line = new ByteArrayOutputStream(document.length + 16);
    line.writeBytes("{\"error\":".getBytes(StandardCharsets.US_ASCII));
    line.writeBytes(document);
    line.writeBytes(END);
    return line.toByteArray();
  }

  /** Members, and the members of an object after them. */
  private static byte[] join(StringBuilder head, byte[] object) {
    byte[] line = new byte[head.length() + object.length]; // its brace goes, a line feed comes
    for (int i = 0; i < head.length(); i++) {
      line[i] = (byte) head.charAt(i);
    }
    System.arraycopy(object, 1, line, head.length(), object.length - 1);
    line[line.length - 1] = '\n';
    return line;
  }
}
