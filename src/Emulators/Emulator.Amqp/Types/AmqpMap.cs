using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Emulator.Amqp.Types;

/// <summary>
/// An AMQP map: pairs in wire order with keys of any AMQP type. Lookup is
/// linear; a repeated key keeps its first value visible. Not thread-safe.
/// </summary>
public sealed class AmqpMap : IReadOnlyList<KeyValuePair<object, object?>>
{
    private readonly List<KeyValuePair<object, object?>> _pairs;

    /// <summary>Makes an empty map.</summary>
    public AmqpMap() => _pairs = [];

    internal AmqpMap(int capacity) => _pairs = new(capacity);

    /// <inheritdoc/>
    public int Count => _pairs.Count;

    /// <inheritdoc/>
    public KeyValuePair<object, object?> this[int index] => _pairs[index];

    /// <summary>The first value under a key of the same AMQP type and value.</summary>
    /// <exception cref="KeyNotFoundException">Reading a key that is not there.</exception>
    public object? this[object key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The map has no key '{key}'.");
        set
        {
            var index = IndexOf(key);
            if (index < 0)
            {
                _pairs.Add(new(key, value));
            }
            else
            {
                _pairs[index] = new(key, value);
            }
        }
    }

    /// <summary>Appends a pair without looking for a repeated key; also the target of collection initializers.</summary>
    public void Add(object key, object? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        _pairs.Add(new(key, value));
    }

    /// <summary>Finds a key by AMQP type and value: the string "a" and the symbol a are different keys.</summary>
    public bool TryGetValue(object key, out object? value)
    {
        var index = IndexOf(key);
        value = index < 0 ? null : _pairs[index].Value;
        return index >= 0;
    }

    /// <summary>Finds a key by its text, whether the peer wrote it as a string or a symbol: clients differ in this.</summary>
    public bool TryGetText(string key, out object? value)
    {
        foreach (var pair in _pairs)
        {
            if ((pair.Key is string text && text == key) || (pair.Key is AmqpSymbol symbol && symbol.Value == key))
            {
                value = pair.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Finds a key by its text, string or symbol, when its value is a non-null <typeparamref name="T"/>.</summary>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        if (TryGetText(key, out var found) && found is T typed)
        {
            value = typed;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Finds an integer of any AMQP width under a key, string or symbol, that fits a <see cref="long"/>.</summary>
    public bool TryGetInteger(string key, out long value)
    {
        value = 0;
        if (!TryGetText(key, out var found))
        {
            return false;
        }

        switch (found)
        {
            case byte number: value = number; return true;
            case sbyte number: value = number; return true;
            case short number: value = number; return true;
            case ushort number: value = number; return true;
            case int number: value = number; return true;
            case uint number: value = number; return true;
            case long number: value = number; return true;
            case ulong number when number <= long.MaxValue: value = (long)number; return true;
            default: return false;
        }
    }

    /// <summary>Removes the first pair with the key; false when there is none.</summary>
    public bool Remove(object key)
    {
        var index = IndexOf(key);
        if (index >= 0)
        {
            _pairs.RemoveAt(index);
        }

        return index >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => _pairs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(object key)
    {
        for (var i = 0; i < _pairs.Count; i++)
        {
            if (_pairs[i].Key.Equals(key))
            {
                return i;
            }
        }

        return -1;
    }
}
