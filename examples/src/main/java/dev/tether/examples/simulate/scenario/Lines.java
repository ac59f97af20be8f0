package dev.tether.examples.simulate.scenario;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** On which line of a file each field is. */
final class Lines {

    private final Map<String, Integer> byPath = new HashMap<>();

    private Lines() {}

    static Lines of(String text) {
        Lines lines = new Lines();
        try (JsonParser parser = ScenarioFile.MAPPER.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (!token.isStructEnd()) {
                    JsonStreamContext context = parser.getParsingContext();
                    // Of a block or a list, its own context is the current one already.
                    JsonStreamContext place = token.isStructStart() ? context.getParent() : context;
                    lines.byPath.putIfAbsent(
                            path(place), parser.currentTokenLocation().getLineNr());
                }
            }
        } catch (IOException unreadableFromHere) {
            // What comes before that is known, and what is asked for comes before.
            return lines;
        }
        return lines;
    }

    /** The line of the field at a path such as {@code faults[2].crash.peer}, or of what is around it; 0 for none. */
    int line(String path) {
        String at = path;
        while (!at.isEmpty()) {
            Integer line = byPath.get(at);
            if (line != null) {
                return line;
            }
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return 0;
    }

    private static String path(JsonStreamContext context) {
        if (context == null || context.inRoot()) {
            return "";
        }
        String parent = path(context.getParent());
        if (context.inArray()) {
            return parent + '[' + context.getCurrentIndex() + ']';
        }
        return parent.isEmpty() ? String.valueOf(context.getCurrentName()) : parent + '.' + context.getCurrentName();
    }
}
