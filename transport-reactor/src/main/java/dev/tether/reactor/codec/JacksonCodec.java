package dev.tether.reactor.codec;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * JSON, by Jackson: whatever the {@link ObjectMapper} can write and read, records among them. Needs
 * {@code com.fasterxml.jackson.core:jackson-databind} on the class path; it is an optional dependency, and nothing else in
 * Tether uses it.
 *
 * <p>A message is one JSON value and nothing but white space after it. {@code null} is no value: a peer that sends it is to be
 * received as a {@link com.fasterxml.jackson.databind.JsonNode}. What has type parameters is received as an array, a list of
 * orders as {@code Order[].class}, or within a record.
 *
 * <p>Jackson's own exceptions quote the message that they could not read. So they are not the cause of a {@link
 * CodecException}, which has their class and the place in the message; unchecked exceptions of the application's own
 * constructors, setters and deserializers are.
 *
 * <p>A message is no larger than the limit for messages, and no deeper than the mapper's {@code StreamReadConstraints}
 * allow. Never enable default typing for what a peer sends: that lets it choose which classes are made.
 */
public final class JacksonCodec implements Codec {

    private final ObjectReader reader;
    private final ObjectWriter writer;

    private JacksonCodec(ObjectMapper mapper) {
        reader = mapper.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        writer = mapper.writer();
    }

    /** With Jackson's defaults: no modules, and a property that the type does not have is an error. */
    public static JacksonCodec create() {
        return new JacksonCodec(new JsonMapper());
    }

    /**
     * With modules and settings of the application's. The mapper itself is not changed; changes that are made to it later
     * may or may not be seen.
     */
    public static JacksonCodec create(ObjectMapper mapper) {
        return new JacksonCodec(mapper);
    }

    @Override
    public void encode(Object value, ByteBuf target) throws IOException {
        OutputStream output = new ByteBufOutputStream(target);
        try {
            writer.writeValue(output, value);
        } catch (InvalidDefinitionException unsupported) {
            throw new CodecException(unsupported.getOriginalMessage(), unsupported);
        }
    }

    @Override
    public <T> T decode(ByteBuf message, Class<T> type) {
        try {
            ObjectReader typed = reader.forType(type);
            T value = message.hasArray()
                    ? typed.readValue(
                            message.array(), message.arrayOffset() + message.readerIndex(), message.readableBytes())
                    : typed.readValue((InputStream) new ByteBufInputStream(message));
            if (value == null) {
                throw new CodecException("it is JSON's null, which is no value; receive it as a JsonNode");
            }
            return value;
        } catch (IOException unreadable) {
            throw withoutContent(unreadable);
        }
    }

    /** The same, without the texts of Jackson, and of the JDK's classes that it asks. */
    private static CodecException withoutContent(IOException unreadable) {
        Throwable innermost = unreadable;
        while (innermost.getCause() instanceof JacksonException inner) {
            innermost = inner;
        }
        String what = innermost.getClass().getSimpleName() + place(innermost) + expectation(innermost);
        boolean isOfApplication =
                innermost instanceof ValueInstantiationException || innermost.getClass() == JsonMappingException.class;
        return isOfApplication && innermost.getCause() instanceof RuntimeException thrown
                ? new CodecException(what + ": " + thrown.getClass().getTypeName() + ", see the cause", thrown)
                : new CodecException(what);
    }

    private static String place(Throwable unreadable) {
        return unreadable instanceof JacksonException located
                        && located.getLocation() != null
                        && located.getLocation().getByteOffset() >= 0
                ? " near byte " + located.getLocation().getByteOffset()
                : "";
    }

    private static String expectation(Throwable unreadable) {
        if (unreadable instanceof InvalidDefinitionException undefined && undefined.getType() != null) {
            return ": Jackson cannot make " + undefined.getType().toCanonical()
                    + "; use a record or annotations, or an ObjectMapper with a module for it";
        }
        return unreadable instanceof MismatchedInputException mismatched && mismatched.getTargetType() != null
                ? ", where " + mismatched.getTargetType().getTypeName() + " is expected"
                : "";
    }
}
