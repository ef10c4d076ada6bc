package io.deviceregistry.bootstrap.e2e;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.junit.jupiter.api.Order;

/**
 * Lets the classes that take longest begin first, so that at the end nobody waits for the last of them: those with an
 * {@link Order}. One of JUnit's two threads takes classes from the beginning of the list, the other one from its end.
 */
public final class LongestFirst implements ClassOrderer {

    @Override
    public void orderClasses(ClassOrdererContext context) {
        List<Class<?>> longest = context.getClassDescriptors().stream()
                .filter(one -> one.isAnnotated(Order.class))
                .sorted(Comparator.comparingInt(LongestFirst::order))
                .<Class<?>>map(ClassDescriptor::getTestClass)
                .toList();
        Map<Class<?>, Integer> places = new HashMap<>();
        for (int i = 0; i < longest.size(); i++) {
            int fromTheMiddle = longest.size() - i;
            places.put(longest.get(i), i % 2 == 0 ? -fromTheMiddle : fromTheMiddle);
        }
        context.getClassDescriptors().sort(Comparator.comparingInt(one -> places.getOrDefault(one.getTestClass(), 0)));
    }

    private static int order(ClassDescriptor one) {
        return one.findAnnotation(Order.class).orElseThrow().value();
    }
}
