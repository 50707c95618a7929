"""Observations of the API, its pages and its sockets. Each observation is named after its step."""

import collections
import concurrent.futures
import json
import time

from first_day.bar import Refused, Socket, new_guest, request
from first_day.world import note, wait


def order(world):
    bar, started = world.bar(), time.monotonic()
    order_id, guest = bar.waiting_order()
    bar.command(order_id, bar.token(), action="complete")
    status, _ = wait("the order", 60, lambda: bar.order(order_id, guest).get("status") == "COMPLETED")
    functions = [name for kind, name in world.resources().values() if kind == "AWS::Lambda::Function"]
    described = [world.client("lambda").get_function_configuration(FunctionName=name) for name in functions]
    return {
        "status": "COMPLETED" if status else bar.order(order_id, guest).get("status", "unknown"),
        "seconds": round(time.monotonic() - started),
        "architectures": sorted({one for each in described for one in each.get("Architectures", [])}),
    }


def unknown_route(world):
    bar = world.bar()
    tokens = {"account": bar.token(), "guest": new_guest(), "nobody": ""}
    answers = {}
    for who, token in tokens.items():
        answer = request("GET", f"{bar.url}/no-such-route", token)
        answers[who] = {
            "status": answer.status,
            "code": answer.code() or answer.headers.get("x-amzn-ErrorType") or answer.body.decode(errors="replace")[:60],
        }
    return {"answers": answers}


def trailing_slash(world):
    url = world.bar().url
    pages = {}
    for path in ["/order", "/barista", "/display"]:
        found = {"without": request("GET", url + path), "with": request("GET", f"{url}{path}/")}
        pages[path] = {how: {"status": one.status, "etag": one.headers.get("ETag", "")} for how, one in found.items()}
    root = request("GET", url)
    return {"pages": pages, "root": {"status": root.status, "location": root.headers.get("Location", "")}}


def options(url, origin):
    return request("OPTIONS", url, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})


def preflight(world):
    answer = options(f"{world.bar().url}/qr-code", "https://bar.example")
    return {
        "status": answer.status,
        "origin": answer.headers.get("Access-Control-Allow-Origin", ""),
        "headers": answer.headers.get("Access-Control-Allow-Headers", ""),
    }


def compression(world):
    url = f"{world.bar().url}/order"
    plain = request("GET", url)
    encoded = request("GET", url, headers={"Accept-Encoding": "gzip"})
    return {"plain": len(plain.body), "encoded": len(encoded.body), "encoding": encoded.headers.get("Content-Encoding", "")}


def throttle(world):
    bar, requests = world.bar(), 10 if world.local else 60
    url = f"{bar.url}/displays/pair?eventId={bar.shop}"
    with concurrent.futures.ThreadPoolExecutor(requests) as pool:
        answers = list(pool.map(lambda _: request("POST", url), range(requests)))
    refused = next((answer for answer in answers if answer.status == 429), None)
    return {
        "statuses": dict(collections.Counter(str(answer.status) for answer in answers)),
        "code": refused.code() if refused else "",
        "retry_after": refused.headers.get("Retry-After", "") if refused else "",
    }


def first_factor(world):
    mail = world.mail or ("nobody@first-day.example" if world.local else "")
    if not mail:
        return {}
    cognito, outputs = world.client("cognito-idp"), world.outputs()
    pool = cognito.describe_user_pool(UserPoolId=outputs["UserPoolId"])["UserPool"]
    mailer = pool.get("EmailConfiguration", {}).get("EmailSendingAccount", "COGNITO_DEFAULT")
    attributes = [{"Name": "email", "Value": mail}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(
        UserPoolId=outputs["UserPoolId"], Username=mail, MessageAction="SUPPRESS", UserAttributes=attributes
    )
    client = request("GET", f"{world.bar().url}/sign-in").json()["clientId"]
    try:
        answer = cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": mail, "PREFERRED_CHALLENGE": "EMAIL_OTP"},
        )
    except cognito.exceptions.ClientError as error:
        return {"mailer": mailer, "error": str(error)}
    seen = {
        "mailer": mailer,
        "challenge": answer.get("ChallengeName", "none"),
        "medium": answer.get("ChallengeParameters", {}).get("CODE_DELIVERY_DELIVERY_MEDIUM", "EMAIL"),
    }
    if world.facts.get("terminal"):
        seen["arrived"] = input(f"   Did a code arrive at {mail}? [y/n] ").strip().lower().startswith("y")
    return seen


def open_socket(world, guest):
    bar = world.bar()
    answer = bar.call("POST", "/live", guest, topic="customer")
    if answer.status != 201:
        raise Refused(f"POST /live answers {answer.status} {answer.code()}")
    return Socket(answer.json()["url"])


def socket(world):
    bar, guest = world.bar(), new_guest()
    order_id = bar.scan(guest)
    wait("the order", 30, lambda: bar.order(order_id, guest), pause=0.5)
    opened = open_socket(world, guest)
    if opened.status != 101:
        return {"opened": False, "status": opened.status}
    world.facts["socket"], started = opened, time.monotonic()
    bar.command(order_id, guest, bar.drink())
    kinds = []
    while "order" not in kinds and time.monotonic() - started < 30:
        text = opened.receive(5)
        if text is None:
            note(f"the socket: {time.monotonic() - started:.0f} of 30 s")
        else:
            kinds.append(json.loads(text).get("kind", "other"))
    return {"opened": True, "kinds": kinds, "seconds": round(time.monotonic() - started)}


def socket_ping(world):
    opened = world.facts.pop("socket", None)
    if opened is None:
        return {}
    answered = []
    try:
        opened.send('{"action":"ping"}')
        deadline = time.monotonic() + 5
        while (left := deadline - time.monotonic()) > 0:
            text = opened.receive(left)
            # Messages of the order are no answer.
            if text is not None and '"kind"' not in text:
                answered.append(text)
        opened.send('{"action":"ping"}')
        return {"answered": " ".join(answered), "open": True}
    except (ConnectionError, OSError):
        return {"answered": " ".join(answered), "open": False}
    finally:
        opened.close()


def connect_bill(world):
    connects, started = 3 if world.local else 50, time.monotonic()
    bar = world.bar()
    _, guest = bar.waiting_order()
    # Only the newest three sockets of a customer receive messages; the older ones stay open.
    sockets = [open_socket(world, guest) for _ in range(connects)]
    opened = sum(one.status == 101 for one in sockets)
    for one in sockets:
        one.close()
    api = world.name("SocketApi")
    seen = {"connects": opened}
    messages, _ = wait(
        "CloudWatch's count of connections",
        5 if world.local else 300,
        lambda: world.metric("AWS/ApiGateway", "ConnectCount", {"ApiId": api}, "Sum")[0],
        pause=10 if not world.local else 1,
    )
    if messages:
        minutes = (time.monotonic() - started) / 60
        seen["messages"] = world.metric("AWS/ApiGateway", "MessageCount", {"ApiId": api}, "Sum", minutes)[0] or 0
    return seen


def cold_start(world):
    bar, functions = world.bar(), world.client("lambda")
    name = world.name("OrderManager")
    url = f"{bar.url}/orders?eventId={bar.shop}&status=WAITING"
    cold, statuses = [], []
    for number in range(2 if world.local else 5):
        # A new configuration ends the environments that ran before.
        functions.update_function_configuration(FunctionName=name, Description=f"Cold start {number + 1}.")
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        if not world.local:
            # The API calls the alias `live`, which an emulator's deployment does not have.
            version = functions.publish_version(FunctionName=name)["Version"]
            functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version)
        answer = request("GET", url, bar.token())
        cold.append(round(answer.seconds * 1000))
        statuses.append(answer.status)
        note(f"cold start {number + 1}: {answer.status} in {cold[-1]} ms")
    warm = sorted(request("GET", url, bar.token()).seconds for _ in range(5))[2]
    return {"cold_ms": cold, "warm_ms": round(warm * 1000), "statuses": statuses}
