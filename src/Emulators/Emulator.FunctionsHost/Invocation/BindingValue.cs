using System.Text.Json;
using Emulator.FunctionsHost.Protocol;

namespace Emulator.FunctionsHost.Invocation;

/// <summary>
/// Values as the Functions host encodes them for a worker: text as text, everything else as JSON (the .NET worker takes no <c>int</c>).
/// </summary>
internal static class BindingValue
{
    public static TypedData Of(string text) => new() { String = text };

    public static TypedData Json<T>(T value) => new() { Json = JsonSerializer.Serialize(value) };
}
