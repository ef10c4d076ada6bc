package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;

/** A request's body, parsed strictly: one document, no member twice, nothing nested without end. */
final class JsonBody {
    private static final int MIB = 1024 * 1024;

    /**
     * A hundred devices whose texts are as long as they may be come to three quarters of this. Of each, the token takes
     * 8 KiB, if it is nothing but quotation marks, and the metadata 20 KiB, for its 6,912 UTF-16 units have three bytes at
     * most. So it is in UTF-8 with no escapes but those that JSON demands; where every letter is escaped, fewer fit.
     */
    static final int MAX_BYTES = 4 * MIB;

    /** A thousand such devices, each with its customer, come to nine tenths of this. */
    static final int MAX_BYTES_OF_MANY = 32 * MIB;

    /** Deeper than any request here, and shallow enough to be harmless. */
    private static final int MAX_DEPTH = 16;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    // Which of two members of one name counts would be anybody's guess: RFC 8259, 4.
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final byte[] bytes;
    private final JsonNode root;

    private JsonBody(byte[] bytes, JsonNode root) {
        this.bytes = bytes;
        this.root = root;
    }

    /** As it was sent. */
    byte[] bytes() {
        return bytes;
    }

    JsonNode root() {
        return root;
    }

    /**
     * Reads at most {@link #MAX_BYTES}.
     *
     * @throws MalformedJsonException if the body is empty or not one JSON document
     * @throws UnreadableBodyException if it is longer, or broke off
     */
    static JsonBody read(InputStream body) {
        return read(body, MAX_BYTES);
    }

    /** Reads at most {@link #MAX_BYTES_OF_MANY}; else as {@link #read}. */
    static JsonBody readMany(InputStream body) {
        return read(body, MAX_BYTES_OF_MANY);
    }

    /** One document of a text, parsed as strictly. */
    static JsonNode parsed(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    private static JsonBody read(InputStream body, int maxBytes) {
        try {
            byte[] bytes = body.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new UnreadableBodyException(
                        ProblemCode.BODY_TOO_LARGE, "The request's body is larger than " + maxBytes + " bytes.");
            }
            JsonNode node = MAPPER.readTree(bytes);
            if (node.isMissingNode()) {
                throw new MalformedJsonException("The body is empty; a JSON document was expected.");
            }
            return new JsonBody(bytes, node);
        } catch (JsonProcessingException e) {
            JsonLocation location = e.getLocation();
            // The parser's own message quotes the text, which may be a token.
            throw new MalformedJsonException(
                    location == null
                            ? "The body is not well-formed JSON."
                            : "The body is not well-formed JSON, at line %d, column %d."
                                    .formatted(location.getLineNr(), location.getColumnNr()));
        } catch (IOException e) {
            throw new UnreadableBodyException(ProblemCode.MALFORMED_REQUEST, ProblemCode.MALFORMED_REQUEST.detail());
        }
    }
}
