package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a PMML document into {@link XmlNode}s with the JDK's streaming reader: without a document
 * type, without entities beyond XML's five, within bounds on bytes, depth and count. Thread-safe.
 */
final class XmlReader {
  /** Bytes of one document. */
  static final int BYTES_MAX = 64 << 20;

  /** Elements inside one another. */
  static final int DEPTH_MAX = 400;

  /** Elements of one document. */
  static final int ELEMENTS_MAX = 2_000_000;

  /** Attributes of one element: what an {@link XmlNode} can remember having been asked. */
  static final int ATTRIBUTES_MAX = 60;

  private static final Pattern ENCODING =
      Pattern.compile("\\A<\\?xml[^>]{0,200}encoding\\s*=\\s*[\"']([A-Za-z0-9._-]{1,40})[\"']");

  private static final String NAMESPACE = "http://www.dmg.org/PMML";

  private final Map<String, String> names = new HashMap<>();
  private int elements;

  private XmlReader() {}

  /**
   * The root element.
   *
   * @throws ModelException with the line where the document is no well-formed XML within the bounds
   */
  static XmlNode read(byte[] bytes) throws ModelException {
    if (bytes.length > BYTES_MAX) {
      throw new ModelException("", bytes.length + " bytes", "at most " + BYTES_MAX);
    }
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    // The JDK's own bound on depth is 100, which real trees exceed; ours is below.
    factory.setProperty("jdk.xml.maxElementDepth", String.valueOf(DEPTH_MAX + 1));
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(text(bytes)));
      try {
        return new XmlReader().document(reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNumber();
      throw new ModelException(
          "line " + line, XmlNode.shown(firstLine(String.valueOf(e.getMessage()))), "XML");
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new ModelException("", XmlNode.shown(String.valueOf(e.getMessage())), "XML");
    }
  }

  /** The document's characters; the JDK's reader would write what is malformed to stderr. */
  private static String text(byte[] bytes) throws ModelException {
    Charset charset = StandardCharsets.UTF_8;
    int skip = 0;
    if (bytes.length > 1 && (bytes[0] & 0xff) + (bytes[1] & 0xff) == 0xfe + 0xff) {
      charset = StandardCharsets.UTF_16; // of either order, by its mark
    } else if (bytes.length > 2 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb) {
      skip = 3;
    } else {
      String head = new String(bytes, 0, Math.min(bytes.length, 300), StandardCharsets.ISO_8859_1);
      Matcher declared = ENCODING.matcher(head);
      if (declared.find()) {
        charset =
            switch (declared.group(1).toUpperCase(Locale.ROOT)) {
              case "UTF-8", "UTF8" -> StandardCharsets.UTF_8;
              case "US-ASCII", "ASCII" -> StandardCharsets.US_ASCII;
              case "ISO-8859-1", "LATIN1" -> StandardCharsets.ISO_8859_1;
              case "WINDOWS-1252", "CP1252" -> Charset.forName("windows-1252");
              default ->
                  throw new ModelException(
                      "line 1",
                      "encoding " + declared.group(1),
                      "UTF-8, UTF-16 with a mark, US-ASCII, ISO-8859-1 or windows-1252");
            };
      }
    }
    try {
      return charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, skip, bytes.length - skip))
          .toString();
    } catch (CharacterCodingException e) {
      throw new ModelException("", "bytes that are no " + charset, charset.name());
    }
  }

  private static String firstLine(String message) {
    int at = message.lastIndexOf("Message: ");
    return at < 0 ? message : message.substring(at + "Message: ".length());
  }

  private XmlNode document(XMLStreamReader reader) throws XMLStreamException, ModelException {
    XmlNode root = null;
    XmlNode open = null;
    int depth = 0;
    StringBuilder text = new StringBuilder();
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          int line = reader.getLocation().getLineNumber();
          if (++depth > DEPTH_MAX || ++elements > ELEMENTS_MAX) {
            throw new ModelException(
                "line " + line,
                depth > DEPTH_MAX ? "elements " + depth + " deep" : elements + " elements",
                "at most " + (depth > DEPTH_MAX ? DEPTH_MAX : ELEMENTS_MAX));
          }
          XmlNode made = element(reader, line, open);
          if (open == null) {
            root = made;
          } else {
            open.add(made);
          }
          open = made;
          text.setLength(0);
        }
        case XMLStreamConstants.END_ELEMENT -> {
          XmlNode done = java.util.Objects.requireNonNull(open);
          if (!text.isEmpty()) {
            done.text(text.toString());
            text.setLength(0);
          }
          open = done.parent;
          depth--;
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
            text.append(reader.getText());
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
            throw new ModelException(
                "line " + reader.getLocation().getLineNumber(),
                "a document type or an entity",
                "XML without them");
        default -> {
          // comments, processing instructions, white space outside the root
        }
      }
    }
    if (root == null) {
      throw new ModelException("", "no element", "<PMML>");
    }
    return root;
  }

  private XmlNode element(XMLStreamReader reader, int line, @Nullable XmlNode parent)
      throws ModelException {
    int count = reader.getAttributeCount();
    if (count > ATTRIBUTES_MAX) {
      throw new ModelException(
          "line " + line, count + " attributes", "at most " + ATTRIBUTES_MAX + " of one element");
    }
    int own = 0;
    for (int i = 0; i < count; i++) {
      String space = reader.getAttributeNamespace(i);
      own += space == null || space.isEmpty() ? 1 : 0;
    }
    String[] attributes = new String[2 * own];
    int at = 0;
    for (int i = 0; i < count; i++) {
      String space = reader.getAttributeNamespace(i);
      if (space == null || space.isEmpty()) {
        attributes[at++] = name(reader.getAttributeLocalName(i));
        attributes[at++] = reader.getAttributeValue(i);
      }
    }
    String space = reader.getNamespaceURI();
    boolean pmml = space == null || space.isEmpty() || space.startsWith(NAMESPACE);
    // A row's cells may be of any namespace; elsewhere the colon makes a name nobody asks for.
    String local = reader.getLocalName();
    boolean cell = parent != null && parent.name.equals("row");
    return new XmlNode(name(pmml || cell ? local : "x:" + local), line, parent, attributes);
  }

  private String name(String name) {
    return names.computeIfAbsent(name, n -> n);
  }
}
