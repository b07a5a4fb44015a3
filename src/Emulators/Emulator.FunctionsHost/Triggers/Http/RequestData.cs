using System.Text.Json;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Protocol;
using Microsoft.AspNetCore.Http;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>
/// What goes to the worker beside the request itself, which it gets over
/// HTTP: the values that a function's parameters are bound from. Without
/// the route's values here, such a parameter is null.
/// </summary>
internal static class RequestData
{
    private const string KeyName = "code";

    public static TriggerInput Of(HttpContext http)
    {
        var request = http.Request;
        var input = new TriggerInput(new TypedData { Http = new RpcHttp() }, request.Headers.TraceParent, request.Headers.TraceState);
        var query = request.Query.Where(pair => !string.Equals(pair.Key, KeyName, StringComparison.OrdinalIgnoreCase)).ToArray();
        foreach (var (name, value) in query)
        {
            input.Metadata[name] = BindingValue.Of(value.ToString());
        }

        input.Metadata["Query"] = BindingValue.Json(
            query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        input.Metadata["Headers"] = BindingValue.Json(
            request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase));

        // Last: the route's values win.
        foreach (var (name, value) in request.RouteValues)
        {
            if (value is not null)
            {
                input.Metadata[name] = value as string is { } text
                    ? BindingValue.Of(text)
                    : new TypedData { Json = JsonSerializer.Serialize(value) };
            }
        }

        return input;
    }
}
