# shellcheck shell=bash
# curl and wget at `replique serve`.

# serves_pages TRANSCRIPT STATUS [OPTION...] -- COMMAND...: the client's @@ is the port.
serves_page() {
  record live.pcap "$http_port" curl_http "$http_port" /etat.json
  extract live.pcap --protocol "$http_port=http"
  serves "$(transcripts_of http)" "$@"
}

check "serve for curl, a page" serves_page 0 -- curl_http @@ /etat.json
check "serve for wget, a page" serves_page 0 -- wget_http @@ /etat.json
check "serve for curl, a tunnel" serves "$shipped/lab/http-connect.yaml" 0 -- \
  "${client[@]}" env http_proxy="http://$server4:@@" curl --silent --show-error --proxytunnel --output page http://www.exterieur.demo/
check "fault code=503@GET, curl" serves_page 22 --fault code=503@GET -- curl_http @@ /etat.json --fail
