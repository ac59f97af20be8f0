package dev.tether.examples.simulate.scenario;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A scenario file as it is written: the fields and their texts, null for what is not given. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ScenarioFields(
        @Nullable String seed,
        @Nullable String faultPhase,
        @Nullable String calmPhase,
        @Nullable List<NatFields> nats,

        @JsonDeserialize(using = PeersDeserializer.class) @Nullable
        Peers peers,

        @Nullable List<String> gateways,
        @Nullable Map<String, String> settings,
        @Nullable Map<String, String> link,
        @Nullable List<OneWayFields> links,
        @Nullable List<DialFields> dials,
        @Nullable List<KeepFields> keeps,
        @Nullable List<StreamsFields> streams,
        @Nullable List<DatagramsOfFields> datagrams,
        @Nullable List<FaultFields> faults) {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record NatFields(
            @Nullable String name,
            @Nullable String kind,
            @Nullable String mappingTimeout,
            @Nullable String hairpin,
            @Nullable String behind) {}

    /** Either a number of peers, or each of them. */
    record Peers(@Nullable String count, @JsonValue List<PeerFields> each) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PeerFields(
            @Nullable String name,
            @Nullable String behind,
            @Nullable String offload,
            @Nullable ReaderFields reader,
            @Nullable AdmissionFields admission,
            @Nullable Map<String, String> settings) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AdmissionFields(
            @Nullable String maxDelay, @Nullable List<RefusalFields> refusals) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RefusalFields(
            @Nullable String peer,
            @Nullable String from,
            @Nullable String until,
            @Nullable String code) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ReaderFields(@Nullable String batch, @Nullable String pause) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record OneWayFields(
            @Nullable String from,
            @Nullable String to,
            @Nullable String bothWays,
            @Nullable Map<String, String> link) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DialFields(
            @Nullable String from,
            @Nullable String to,
            @Nullable String start,
            @Nullable TrafficFields there,
            @Nullable TrafficFields back) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record KeepFields(
            @Nullable String from,
            @Nullable String to,
            @Nullable String start,
            @Nullable TrafficFields traffic) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record StreamsFields(
            @Nullable String from,
            @Nullable String to,
            @Nullable String count,
            @Nullable String atOnce,
            @Nullable String maxSize,
            @Nullable String pause,
            @Nullable String trouble) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DatagramsOfFields(
            @Nullable String from,
            @Nullable String to,
            @Nullable TrafficFields traffic) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TrafficFields(
            @Nullable String sends,
            @Nullable String messages,
            @Nullable String maxSize,
            @Nullable String pause) {}

    /** One of these, named after its kind. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FaultFields(
            @Nullable PartitionFields partition,
            @Nullable ChangeLinkFields changeLink,
            @Nullable DownFields crash,
            @Nullable PauseFields suspend,
            @Nullable PauseFields stall,
            @Nullable ClockStepFields clockStep,
            @Nullable RebindFields rebind,
            @Nullable CloseFields close,
            @Nullable ShutdownFields shutdown,
            @Nullable DatagramsFields replay,
            @Nullable DatagramsFields garbage,
            @Nullable PeerFaultFields optimisticAck) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PartitionFields(
            @Nullable String at,
            @Nullable String length,
            @Nullable List<String> some,
            @Nullable List<String> others,
            @Nullable String oneWay) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ChangeLinkFields(
            @Nullable String at,
            @Nullable String from,
            @Nullable String to,
            @Nullable Map<String, String> link) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DownFields(
            @Nullable String at,
            @Nullable String downtime,
            @Nullable String peer,
            @Nullable String newKey) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PauseFields(
            @Nullable String at,
            @Nullable String length,
            @Nullable String peer) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ClockStepFields(
            @Nullable String at,
            @Nullable String peer,
            @Nullable String by) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RebindFields(@Nullable String at, @Nullable String nat) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CloseFields(
            @Nullable String at,
            @Nullable String peer,
            @Nullable String other,
            @Nullable String code) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ShutdownFields(
            @Nullable String at,
            @Nullable String downtime,
            @Nullable String peer) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DatagramsFields(
            @Nullable String at,
            @Nullable String peer,
            @Nullable String datagrams) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PeerFaultFields(@Nullable String at, @Nullable String peer) {}

    /** Peers are a number, or a list of names and of blocks. */
    static final class PeersDeserializer extends JsonDeserializer<Peers> {

        @Override
        public Peers deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (parser.currentToken().isScalarValue()) {
                return new Peers(parser.getText(), List.of());
            }
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                return context.reportInputMismatch(Peers.class, "a number, or a list of names and blocks, is needed");
            }
            List<PeerFields> each = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                each.add(
                        parser.currentToken().isScalarValue()
                                ? new PeerFields(parser.getText(), null, null, null, null, null)
                                : peer(parser, context, each.size()));
            }
            return new Peers(null, each);
        }

        private static PeerFields peer(JsonParser parser, DeserializationContext context, int index)
                throws IOException {
            try {
                return context.readValue(parser, PeerFields.class);
            } catch (JsonMappingException e) {
                e.prependPath(PeerFields.class, index);
                throw e;
            }
        }
    }
}
