using Relay.Functions.Callers;

namespace Relay.Functions.Operations;

/// <summary>
/// Declares one operation of an HTTP function: a method, and who may call it. A function has one for each of its methods; what it does
/// not declare is refused, and a function that declares none lets nobody in.
/// </summary>
/// <param name="method">GET, POST or PUT; HEAD goes with GET, and OPTIONS with any (RFC 9110 section 9.3).</param>
/// <param name="callers">Who may call it.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OperationAttribute(string method, CallerKind callers) : Attribute
{
    public string Method => method;

    public CallerKind Callers => callers;
}
