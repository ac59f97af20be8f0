package dev.tether.reactor.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JacksonCodecTest {

    private static final Codec CODEC = JacksonCodec.create();

    record Line(String item, int count) {

        /** The application's own rule. */
        Line {
            if (count < 0) {
                throw new IllegalArgumentException("the count is negative");
            }
        }
    }

    record Order(long number, String customer, List<Line> lines, Map<String, URI> links) {}

    record At(Instant time) {}

    enum Colour {
        RED
    }

    record Sample(int number, Colour colour, UUID id, byte[] bytes, List<Integer> list, boolean flag) {}

    record Host(@JsonDeserialize(using = HostName.class) String name) {}

    static final class HostName extends JsonDeserializer<String> {

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            throw new UnknownHostException(parser.getText());
        }
    }

    static final class Settable {

        /** The application's own rule. */
        public void setCount(int count) {
            throw new IllegalArgumentException("no count is right");
        }
    }

    interface NoClass {}

    static final class NoProperties {}

    @Test
    void recordsComeBack() throws Exception {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Line> lines = new ArrayList<>();
            for (int i = random.nextInt(10); i > 0; i--) {
                lines.add(new Line(RandomText.draw(random), random.nextInt(Integer.MAX_VALUE)));
            }
            Order order = new Order(
                    random.nextLong(),
                    RandomText.draw(random),
                    lines,
                    Map.of(RandomText.draw(random), URI.create("tether:1")));

            assertThat(CODEC.decode(encoded(order), Order.class))
                    .as("seed %d", seed)
                    .isEqualTo(order);
        }
    }

    @Test
    void anArrayStandsForAList() throws Exception {
        List<Line> lines = List.of(new Line("bread", 2), new Line("milk", 1));

        assertThat(CODEC.decode(encoded(lines), Line[].class)).containsExactlyElementsOf(lines);
    }

    @Test
    void partOfAnyBufferIsDecoded() throws Exception {
        byte[] json = "x{\"item\":\"ä\",\"count\":3}x".getBytes(UTF_8);
        ByteBuf heap = Unpooled.buffer().writeBytes(new byte[5]).skipBytes(5).writeBytes(json);
        ByteBuf direct = Unpooled.directBuffer().writeBytes(json);
        ByteBuf composite =
                Unpooled.wrappedBuffer(Unpooled.copiedBuffer(json, 0, 11), Unpooled.copiedBuffer(json, 11, 13));

        for (ByteBuf message : List.of(heap, heap.asReadOnly(), direct, composite)) {
            ByteBuf slice = message.slice(message.readerIndex() + 1, json.length - 2);
            assertThat(CODEC.decode(slice, Line.class)).isEqualTo(new Line("ä", 3));
            assertThat(message.refCnt()).isEqualTo(1);
        }
        direct.release();
        composite.release();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"item\":\"a\",\"count\":1}", "7", "[1]", "\"a\""})
    void whatFollowsTheValueIsAnError(String json) throws Exception {
        assertThat(CODEC.decode(message(json + " \n\t"), JsonNode.class)).isNotNull();
        for (String trailing : List.of("x", "}", "{}", " 1", ",", " null")) {
            assertThatThrownBy(() -> CODEC.decode(message(json + trailing), JsonNode.class))
                    .as("%s%s", json, trailing)
                    .isInstanceOf(CodecException.class);
        }
    }

    @Test
    void whatFollowsTheValueIsAnErrorWithAMapperThatAllowsIt() {
        Codec codec = JacksonCodec.create(JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build());

        assertThatThrownBy(() -> codec.decode(message("1 2"), Integer.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("MismatchedInputException");
    }

    @Test
    void nullIsNoValueUnlessItIsReceivedAsANode() throws Exception {
        assertThatThrownBy(() -> CODEC.decode(message("null"), Line.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("JSON's null")
                .hasMessageContaining("receive it as a JsonNode");
        assertThat(CODEC.decode(message("null"), JsonNode.class)).isEqualTo(NullNode.getInstance());
    }

    @Test
    void whatDoesNotFitIsNamedWithItsPlace() {
        assertThat(failure("{\"item\":\"a\",\"count\":\"many\"}", Line.class))
                .hasMessage("InvalidFormatException near byte 20, where int is expected");
        assertThat(failure("{\"item\":\"a\",\"prize\":1}", Line.class))
                .hasMessageContaining("UnrecognizedPropertyException near byte");
        assertThat(failure("{\"item\":", Line.class)).hasMessage("JsonEOFException near byte 8");
        assertThat(failure("", Line.class)).hasMessageContaining("MismatchedInputException");
        assertThat(failure("[".repeat(1_001), JsonNode.class)).hasMessageContaining("StreamConstraintsException");
    }

    /** Whatever a peer sends stays out of the logs of who cannot read it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cret",
                "\"s3cret\"",
                "{\"s3cret\":1}",
                "{\"number\":\"s3cret\"}",
                "{\"number\":s3cret}",
                "{\"number\":1s3cret}",
                "{\"number\":{\"s3cret\":1}}",
                "{\"colour\":\"s3cret\"}",
                "{\"id\":\"s3cret\"}",
                "{\"bytes\":\"s3cret!\"}",
                "{\"list\":\"s3cret\"}",
                "{\"list\":[1,\"s3cret\"]}",
                "{\"flag\":\"s3cret\"}",
                "{\"number\":1} s3cret",
                "{\"number\":1} \"s3cret\"",
                "{\"number\":\"s3cret",
                "{\"number\":\"s3cret\u0001\"}"
            })
    void noErrorQuotesTheMessage(String json) {
        assertThat(printed(failure(json, Sample.class))).doesNotContain("s3cret");
        assertThat(printed(failure(json, NoClass.class))).doesNotContain("s3cret");
        assertThat(printed(failure(json, At.class))).doesNotContain("s3cret");
        assertThat(printed(failure(json, Thread.class))).doesNotContain("s3cret");
    }

    @Test
    void noErrorQuotesANumberThatIsTooLarge() {
        assertThat(printed(failure("{\"number\":98765432109}", Sample.class))).doesNotContain("98765432109");
        assertThat(printed(failure("98765432109", Integer.class))).doesNotContain("98765432109");
    }

    /** It may be one that a class of the JDK has thrown, with what it was given in its text. */
    @Test
    void aCheckedExceptionOfADeserializerIsNamedAndNotQuoted() {
        assertThat(printed(failure("{\"name\":\"s3cret\"}", Host.class)))
                .contains("UnknownHostException")
                .doesNotContain("s3cret");
    }

    @Test
    void whatTheApplicationsSetterHasThrownIsTheCause() {
        assertThat(failure("{\"count\":1}", Settable.class))
                .hasMessageContaining("java.lang.IllegalArgumentException, see the cause")
                .hasRootCauseMessage("no count is right");
    }

    @Test
    void whatTheApplicationsConstructorHasThrownIsTheCause() {
        assertThat(failure("{\"item\":\"a\",\"count\":-1}", Line.class))
                .hasMessageContaining("ValueInstantiationException")
                .hasMessageContaining("java.lang.IllegalArgumentException, see the cause")
                .hasCauseInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("the count is negative");
    }

    @Test
    void aTypeThatJacksonCannotMakeIsNamedWithTheWayOut() {
        assertThat(failure("{}", NoClass.class))
                .hasMessageContaining("Jackson cannot make " + NoClass.class.getName())
                .hasMessageContaining("module");
        assertThat(failure("{\"time\":1}", At.class)).hasMessageContaining("Jackson cannot make java.time.Instant");
    }

    @Test
    void aTypeThatJacksonCannotWriteIsNamedWithTheWayOut() {
        assertThatThrownBy(() -> encoded(new NoProperties()))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(NoProperties.class.getName())
                .hasMessageContaining("SerializationFeature.FAIL_ON_EMPTY_BEANS");
        assertThatThrownBy(() -> encoded(new At(Instant.EPOCH)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("java.time.Instant")
                .hasMessageContaining("jackson-datatype-jsr310");
    }

    @Test
    void theMapperOfTheApplicationIsUsedAndNotChanged() throws Exception {
        ObjectMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        Codec codec = JacksonCodec.create(mapper);
        ByteBuf message = Unpooled.buffer();
        codec.encode(new Line("bread", 2), message);

        assertThat(message.toString(UTF_8)).isEqualTo("{\"Item\":\"bread\",\"Count\":2}");
        assertThat(codec.decode(message, Line.class)).isEqualTo(new Line("bread", 2));
        assertThat(mapper.isEnabled(DeserializationFeature.FAIL_ON_TRAILING_TOKENS))
                .isFalse();
    }

    private static ByteBuf encoded(Object value) throws Exception {
        ByteBuf target = Unpooled.buffer();
        CODEC.encode(value, target);
        return target;
    }

    private static ByteBuf message(String json) {
        return Unpooled.copiedBuffer(json, UTF_8);
    }

    private static CodecException failure(String json, Class<?> type) {
        CodecException failure = catchThrowableOfType(CodecException.class, () -> CODEC.decode(message(json), type));
        assertThat(failure).as(json).isNotNull();
        return failure;
    }

    /** As a log shows it, with all causes. */
    private static String printed(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
